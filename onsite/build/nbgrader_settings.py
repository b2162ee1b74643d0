"""nbgrader's settings for a course folder, and why each is as it is. Light: nbgrader itself is not imported."""

from typing import Any

COURSE_ID = "onsite"
TEXT_STUB = "*Nothing has been written yet. You write in the player above; your text stands here after the hand-in.*"

# scenario.yml and versions/ hold keys.
IGNORED = (".ipynb_checkpoints", "*.pyc*", "__pycache__", "feedback", "scenario.yml", "versions", ".answers*")
RECORDS = "answers*.json"


def apply(config: Any) -> None:
    """Set what differs from nbgrader's defaults on a traitlets config object."""
    config.CourseDirectory.course_id = COURSE_ID
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = "exercises"
    config.CourseDirectory.ignore = list(IGNORED)
    # `nbgrader submit` and `collect` go by the same setting, and have to bring the record along. Of what goes out to
    # everybody nobody's record may be a part.
    for app in ("GenerateAssignmentApp", "ReleaseAssignmentApp"):
        config[app].CourseDirectory.ignore = [*IGNORED, RECORDS]
    config.ClearSolutions.text_stub = TEXT_STUB
    # The first preprocessor throws away whatever notebook was submitted. The rest are nbgrader's own.
    config.Autograde.sanitize_preprocessors = [
        "onsite.grading.rebuild.RebuildFromRelease",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.DeduplicateIds",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    # nbgrader's own feedback page shows hidden tests, key included.
    config.GenerateFeedback.exporter_class = "onsite.grading.feedback.FeedbackExporter"
    config.GenerateFeedback.preprocessors = []
