"""What the graded cells of a notebook call. Light to import: a kernel pays for it."""

from collections.abc import Mapping
from pathlib import Path

from onsite.scenario.attempts import counted_attempt
from onsite.scenario.record import FILE_NAME, Record, new_record, read_record
from onsite.scenario.scoring import SceneKey, decision_points
from onsite.scenario.story import Story, read_story


class Answers:
    """One person's answers to one scenario, as the graded cells see them."""

    def __init__(self, story: Story, record: Record) -> None:
        self._story = story
        self._record = record

    @classmethod
    def here(cls, folder: Path | None = None) -> "Answers":
        """The answers in `folder` (default: the working directory, where the notebook lies).

        Without an answers.json nothing counts as answered. Raises OnsiteError for a missing story and
        RecordError for a damaged record.
        """
        folder = folder or Path.cwd()
        story = read_story(folder / "story.json")
        record = read_record(folder / FILE_NAME, story.scenario)
        return cls(story, record or new_record(story.scenario))

    def state_of(self, decision: str) -> str:
        """'answered' or 'not answered', for the learner's own eyes."""
        attempt = counted_attempt(self._story, self._record)
        path = attempt.replayed.path if attempt else []
        scenes = {name for name, scene in self._story.scenes.items() if scene.item and scene.item.decision == decision}
        return "answered" if any(step.scene in scenes for step in path) else "not answered"

    def points(self, decision: str, keys: Mapping[str, Mapping[str, SceneKey]], worth: Mapping[str, float]) -> float:
        """Points for `decision`: a plain float from 0.0 to `worth[decision]`, which nbgrader reads as partial credit.

        `keys` and `worth` are by decision; those of other decisions only matter under `counts: best`.
        """
        attempt = counted_attempt(self._story, self._record, keys, worth)
        path = attempt.replayed.path if attempt else []
        return decision_points(path, keys[decision], worth[decision])
