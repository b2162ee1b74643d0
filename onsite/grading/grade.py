"""From what people handed in to gradebook and feedback."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from onsite.grading import counting, inbox
from onsite.grading.export import write_csv
from onsite.grading.foresee import would_change
from onsite.grading.hands import Hands
from onsite.grading.intake import Progress, gather, gather_collected
from onsite.grading.nbgrader_api import nbgrader, register
from onsite.grading.policy import read_policy
from onsite.grading.roster import Roster, by_roster
from onsite.grading.run import Report, Result, Run
from onsite.grading.scenarios import load_course_scenario
from onsite.grading.session import gradebook
from onsite.locks import alone
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

__all__ = ["Report", "Result", "grade"]


def grade_silently(what: str, done: int, of: int) -> None:
    """A progress that shows nothing."""
    del what, done, of


def grade(
    course: CoursePaths,
    *,
    sources: Sequence[Path] = (),
    roster: Roster | None = None,
    due: Mapping[str, datetime] | None = None,
    one_person: bool = False,
    hands: Hands | None = None,
    patience: float = 0,
    export: Path | None = None,
    erased: Collection[str] = (),
    progress: Progress = grade_silently,
) -> Report:
    """Grade every hand-in of the inbox; what is graded already and has not changed is left as it is.

    sources: files, zips and folders from which hand-ins are copied into the inbox first. roster: who takes part; with
    one the hand-in that came last counts, and nobody else's is graded. due: until when, by scenario.
    one_person: somebody works alone, on their own machine. A record without a name is theirs, the hand-in that came
    last counts (see `counting.by_learner`), and points that were given may change though nobody has answered anew, as a
    scenario's key has. Where others have handed in too it only says whose a record without a name is. In every other
    case records without a name are refused, and a scenario whose points would change is left alone (`Report.held`).
    hands: processes that grade beside each other (None: this one alone); the grades are the same.
    patience: seconds to wait for another run to end. export: where to write the whole gradebook as CSV. erased: hashes
    of files of people who were erased, which are not taken in again.

    Raises OnsiteError when the course itself cannot be graded; whatever was graded until then is kept, and the next run
    goes on from there.
    """
    hands = hands or Hands(1)
    nameless = inbox.NAMELESS if one_person else None
    with (
        alone(course, patience),
        nbgrader(course) as api,
        gradebook(course, api.coursedir.course_id) as book,
    ):
        _refuse_links(course)
        notes = book.notes()
        problems, taken = gather(course, sources, progress, erased)

        def read() -> inbox.Inbox:
            whose = by_roster(roster) if roster else None
            return inbox.read(
                course.inbox,
                course.slugs(),
                nameless=nameless,
                whose=whose,
                hands=hands,
                progress=progress,
            )

        box = read()
        known = {(learner, slug, note.record) for (learner, slug), note in notes.items()}
        # What a run laid out that was killed before it could note it is in the inbox all the same.
        known |= {(hand_in.learner_id, hand_in.scenario, hand_in.digest) for hand_in in box.hand_ins}
        more, collected = gather_collected(course, known, progress)
        problems += more
        box = read() if collected else box
        # Whoever marks a cohort tries a story in the same course, and must not change anybody's grade by it.
        one_person = one_person and len({hand_in.learner_id for hand_in in box.hand_ins} - {inbox.NAMELESS}) <= 1
        latest = one_person or roster is not None
        report = Report(
            taken=taken + collected,
            refused=[(Path(p.label), p.message) for p in problems] + box.refused,
        )
        report.unknown = box.unknown
        graded = {key: note.record for key, note in notes.items()}
        counted = list(counting.by_learner(box.hand_ins, latest=latest, graded=graded))
        by_scenario: dict[str, list[inbox.HandIn]] = {}
        for chosen, _ in counted:
            by_scenario.setdefault(chosen.scenario, []).append(chosen)
        policy = read_policy(course)
        scenarios = {
            slug: load_course_scenario(course.solutions / slug, policy.get(slug)) for slug in sorted(by_scenario)
        }
        for slug, scenario in scenarios.items():
            held = None if one_person else would_change(book, scenario, by_scenario[slug], notes)
            if held is None:
                register(course, api, slug)
            else:
                report.held.append(held)
                del by_scenario[slug]
        for chosen, others in counted:
            if chosen.scenario in by_scenario:
                report.superseded += others
                if due and chosen.scenario in due and chosen.at > due[chosen.scenario]:
                    report.late.append(chosen)
        report.superseded += [passed for passed in box.repeated if passed.hand_in.scenario in by_scenario]
        report.shared = _shared(hand_in for hand_in in box.hand_ins if hand_in.scenario in by_scenario)
        people = {person.learner: person for person in roster.people} if roster else {}
        book.bring_up_to_date(people)
        Run(course, book, notes, scenarios, people, hands=hands, progress=progress).grade(by_scenario, report)
        if export:
            write_csv(export, book.table())
    return report


def _refuse_links(course: CoursePaths) -> None:
    """Raises OnsiteError where a folder that only the course makes is a link, which would lead its files elsewhere."""
    for path in (course.inbox / inbox.TAKEN, course.kept_aside, course.autograded / ".shared"):
        if path.is_symlink():
            raise OnsiteError(f"{path} is a link, and the course never makes one there. Delete the link; grade again.")


def _shared(hand_ins: Iterable[inbox.HandIn]) -> list[tuple[str, ...]]:
    """The learners, in groups, who handed in one and the same record of one scenario."""
    learners: dict[tuple[str, str], set[str]] = {}
    for hand_in in hand_ins:
        learners.setdefault((hand_in.scenario, hand_in.record_id), set()).add(hand_in.learner_id)
    return sorted({tuple(sorted(some)) for some in learners.values() if len(some) > 1})
