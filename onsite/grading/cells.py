"""What the graded cells of a notebook call. Light to import: a kernel pays for it."""

from collections.abc import Mapping
from pathlib import Path

from onsite.scenario.attempts import Attempt, Edition, Editions, counted_attempt
from onsite.scenario.errors import OnsiteError
from onsite.scenario.record import FILE_NAME, Record, new_record, read_record
from onsite.scenario.scoring import SceneKey, decision_points
from onsite.scenario.story import FILE_NAME as STORY_NAME
from onsite.scenario.story import Story, older_file, read_story

Keys = Mapping[str, Mapping[str, SceneKey]]
"""By decision and scene."""


class Answers:
    """One person's answers to one scenario, as the graded cells see them."""

    def __init__(self, story: Story, record: Record, older: Mapping[int, Story] | None = None) -> None:
        """older: what answers are replayed on that were begun on another version, by that version."""
        self._story = story
        self._record = record
        self._older = older or {}

    @classmethod
    def here(cls, folder: Path | None = None) -> "Answers":
        """The answers in `folder` (default: the working directory, where the notebook lies).

        Without an answers.json nothing counts as answered. Raises OnsiteError for a missing story and
        RecordError for a damaged record.
        """
        folder = folder or Path.cwd()
        story = read_story(folder / STORY_NAME)
        record = read_record(folder / FILE_NAME, story.scenario) or new_record(story.scenario)
        begun = sorted({version for version, _ in record.attempts()} - {story.version})
        paths = {version: folder / older_file(version) for version in begun}
        return cls(story, record, {version: read_story(path) for version, path in paths.items() if path.exists()})

    def state_of(self, decision: str) -> str:
        """'answered' or 'not answered', for the learner's own eyes."""
        attempt = self._counted({}, {}, {})
        path = attempt.replayed.path if attempt else []
        story = self._edition(attempt)
        scenes = {name for name, scene in story.scenes.items() if scene.item and scene.item.decision == decision}
        return "answered" if any(step.scene in scenes for step in path) else "not answered"

    def points(
        self, decision: str, keys: Keys, worth: Mapping[str, float], older: Mapping[int, Keys] | None = None
    ) -> float:
        """Points for `decision`: a plain float from 0.0 to `worth[decision]`, which nbgrader reads as partial credit.

        `keys` and `worth` are by decision; those of other decisions only matter under `counts: best`. older: the keys
        of older versions, by version. Raises OnsiteError when one is missing whose story lies here.
        """
        known = {**(older or {}), self._story.version: keys}
        attempt = self._counted(known, keys, worth)
        path = attempt.replayed.path if attempt else []
        version = self._edition(attempt).version
        if version not in known:
            raise OnsiteError(
                f"This notebook does not know the key of version {version}. Run `python3 course.py build`, and "
                f"`nbgrader generate_assignment {self._story.scenario} --force`, then grade again."
            )
        return decision_points(path, known[version][decision], worth[decision])

    def _counted(self, known: Mapping[int, Keys], keys: Keys, worth: Mapping[str, float]) -> Attempt | None:
        older = {begun: Edition(story, known.get(story.version, {})) for begun, story in self._older.items()}
        return counted_attempt(Editions(Edition(self._story, keys), older, worth), self._record)

    def _edition(self, attempt: Attempt | None) -> Story:
        stories = {story.version: story for story in (*self._older.values(), self._story)}
        return stories[attempt.edition] if attempt else self._story
