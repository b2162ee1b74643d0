"""The replays of a cohort: ten thousand people share those of a few thousand situations. Light to import."""

from typing import NamedTuple

from onsite.grading.scenarios import CourseScenario
from onsite.report.facts import Reply, code_of
from onsite.scenario.attempts import fits_further
from onsite.scenario.replay import Given, answered, settle
from onsite.scenario.scoring import credit
from onsite.scenario.story import start_state


class _Situation(NamedTuple):
    """Where an attempt can stand: a scene that asks, an ending or None, and the state there."""

    place: str | None
    state: dict[str, int]


class Played(NamedTuple):
    """One attempt: the answers used, the ending reached, and the index of the first answer that did not fit."""

    replies: list[Reply]
    ending: str | None
    problem: int | None


class Replays:
    """Replays of one scenario that learn from each other.

    What an answer leads to depends on the place and the state alone, so each answer in each situation is worked out
    once, and everybody who comes there later shares it.
    """

    def __init__(self, course: CourseScenario) -> None:
        self.course = course
        story = course.story
        start = start_state(story)
        self._situations = [_Situation(settle(story, story.start, start), start)]
        self._numbers: dict[tuple[object, ...], int] = {}
        self._steps: dict[tuple[object, ...], tuple[int, Reply] | None] = {}
        self._replies: dict[tuple[str, str], Reply] = {}
        self._known: dict[tuple[str, str], Reply] = {}
        self._sure: dict[tuple[Reply, str], Reply] = {}
        items = {name: scene.item for name, scene in story.scenes.items() if scene.item}
        self._kinds = {name: item.kind for name, item in items.items()}
        self._decisions = {name: item.decision for name, item in items.items()}

        made = {one.version: Replays(one) for one in course.older.values()}
        self._older = {begun: made[one.version] for begun, one in course.older.items()}

    def on_its_version(self, begun: int, answers: list[Given]) -> tuple["Replays", Played]:
        """An attempt that was begun on version `begun`, on the version the grader takes: see `attempts_of`."""
        own = self._older.get(begun, self)
        played = own.played(answers)
        if own is self or played.problem is None:
            return own, played
        today = self.played(answers)
        return (self, today) if fits_further(today.problem, played.problem) else (own, played)

    def played(self, answers: list[Given]) -> Played:
        """Where the answers lead, as `replay` has it, and what each is worth."""
        number, problem = 0, None
        replies: list[Reply] = []
        for index, given in enumerate(answers):
            if self._situations[number].place in self.course.story.endings:
                break
            said: Reply | None = None
            told: str | bool | None
            if self._kinds.get(given.scene) == "choice":
                told = self._option(given.answer)
            else:
                # All valid answers to anything but a choice lead the same way.
                said = self._said(given)
                told = said is not None
            key = (number, given.scene, told, given.ticks)
            ahead = self._steps[key] if key in self._steps else self._work_out(key, self._situations[number], given)
            if ahead is None:
                problem = index
                break
            number, reply = ahead
            reply = said or reply
            replies.append(reply if given.confidence is None else self._felt(reply, given.confidence))
        place = self._situations[number].place
        return Played(replies, place if place in self.course.story.endings else None, problem)

    def _work_out(self, key: tuple[object, ...], here: _Situation, given: Given) -> tuple[int, Reply] | None:
        found = None
        if now := answered(self.course.story, here.place, here.state, given):
            step, place = now
            number = self._numbers.setdefault((place, *step.state.values()), len(self._situations))
            if number == len(self._situations):
                self._situations.append(_Situation(place, step.state))
            found = number, self._reply(given.scene, given.answer)
        self._steps[key] = found
        return found

    def _reply(self, scene: str, answer: object) -> Reply:
        option = code_of(self._kinds[scene], answer)
        if (scene, option) not in self._replies:
            decision = self._decisions[scene]
            key = self.course.keys.get(decision or "", {}).get(scene)
            worth = None if key is None else credit(key, answer)
            self._replies[scene, option] = Reply(scene, option, worth, decision)
        return self._replies[scene, option]

    def _felt(self, reply: Reply, confidence: str) -> Reply:
        if (reply, confidence) not in self._sure:
            self._sure[reply, confidence] = reply._replace(confidence=confidence)
        return self._sure[reply, confidence]

    @staticmethod
    def _option(answer: object) -> str | None:
        """The option that an answer to a choice names; a record may hold anything."""
        return answer if isinstance(answer, str) else None

    def _said(self, given: Given) -> Reply | None:
        """An answer to anything but a choice; None where it is not valid. What is equal is looked at once."""
        as_written = given.scene, "" if self._kinds.get(given.scene) == "text" else repr(given.answer)
        if as_written in self._known:
            return self._known[as_written]
        scene = self.course.story.scenes.get(given.scene)
        if not (scene and scene.item and scene.item.outcome_of(given.answer, {}) is not None):
            return None
        reply = self._reply(given.scene, given.answer)
        if as_written[1]:
            self._known[as_written] = reply
        return reply
