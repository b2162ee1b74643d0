"""What a run of the grader gave."""

from onsite.grading.grade import Report


def scores(report: Report) -> dict[str, float]:
    """The points of each learner; of one scenario."""
    return {result.learner: result.score for result in report.results}
