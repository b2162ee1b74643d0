"""nbgrader's gradebook, read and written for many submissions at once, through its own tables and their rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from sqlalchemy import (
    Column,
    MetaData,
    String,
    Table,
    and_,
    bindparam,
    case,
    func,
    insert,
    inspect,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from onsite.build.notebooks import decision_of, grade_id
from onsite.grading.desk import Mark, Outcome, has_to_be_read
from onsite.grading.names import whole_name
from onsite.grading.notebook_form import SourceCell
from onsite.grading.points import points_given
from onsite.grading.roster import Person
from onsite.scenario.errors import OnsiteError

# Beside nbgrader's tables, so that a grade and the note of what it was made from come to be in one transaction.
_NOTES = Table(
    "onsite_graded",
    MetaData(),
    Column("learner", String, primary_key=True),
    Column("scenario", String, primary_key=True),
    Column("made_from", String, nullable=False),
    Column("answered_from", String, nullable=False),
    Column("record", String, nullable=False),
    Column("texts", String, nullable=False),
    Column("basis", String, nullable=False, server_default=""),
    Column("remark", String, nullable=False, server_default=""),
)


@dataclass(frozen=True)
class Note:
    """From what a grade (made_from) and its feedback page (answered_from) were made; the record's and texts' hashes.

    basis: by what it was measured, see `basis_of`; remark: what a person should know of the record.
    """

    made_from: str
    answered_from: str
    record: str
    texts: str
    basis: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Score:
    """What the gradebook says of one submission."""

    score: float
    max_score: float
    needs_reading: bool


@dataclass(frozen=True)
class Given:
    """What the gradebook holds for one decision: what the machine gave, and a person."""

    auto: float | None
    mark: Mark

    @property
    def points(self) -> float | None:
        """The points, as nbgrader adds them up; None while somebody has yet to read it."""
        return points_given(self.auto, self.mark.manual, self.mark.extra, waits=self.mark.needs_reading)


@dataclass(frozen=True)
class Entered:
    """One outcome to be entered, with the note on it."""

    outcome: Outcome
    note: Note


class Shelf:
    """One scenario in the gradebook: the ids of its cells, and who has a submission already."""

    def __init__(self, book: "Book", slug: str, decisions: Iterable[str]) -> None:
        """Raises MissingEntry when the scenario has not been registered."""
        self.slug = slug
        notebook = book.gradebook.find_notebook(slug, slug)
        self.assignment, self.notebook = notebook.assignment.id, notebook.id
        self.graded = _ids(book, GradeCell, self.notebook)
        self.solutions = _ids(book, SolutionCell, self.notebook)
        self.max_score = float(notebook.max_score)
        self.cells = tuple(
            (cell.name, SourceCell(cell.source, cell.checksum, cell.locked))
            for cell in sorted(notebook.source_cells, key=lambda cell: str(cell.name))
        )
        self.decisions = tuple(decisions)
        self.submissions: dict[str, tuple[str, str]] = {
            learner: (submission, part)
            for learner, submission, part in book.rows(
                select(SubmittedAssignment.student_id, SubmittedAssignment.id, SubmittedNotebook.id)
                .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
                .where(SubmittedAssignment.assignment_id == self.assignment)
            )
        }
        self.added: dict[str, tuple[str, str]] = {}
        self.marks = _marks(book, self)


class Book:
    """The gradebook, open."""

    def __init__(self, url: str, course_id: str) -> None:
        """url: as sqlalchemy has it. The database is made when there is none.

        Raises OnsiteError for one that would change what is written into it.
        """
        self.gradebook = Gradebook(url, course_id)
        engine = self.gradebook.engine
        _NOTES.create(engine, checkfirst=True)
        if meddling := self.rows(text("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')")):
            self.gradebook.close()
            raise OnsiteError(
                f"The gradebook holds something that nbgrader never makes ({meddling[0][0]}), and that changes grades "
                "as they are written. Bring back a backup from before, with `python3 course.py restore FILE.zip`."
            )
        there = {column["name"] for column in inspect(engine).get_columns(_NOTES.name)}
        for name in ("basis", "remark"):
            if name not in there:  # a gradebook from before it was noted
                added = f"ALTER TABLE {_NOTES.name} ADD COLUMN {name} VARCHAR NOT NULL DEFAULT ''"
                self.gradebook.db.execute(text(added))
                self.gradebook.db.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gradebook.close()

    def rows(self, query: Any) -> list[Any]:
        """What a query finds."""
        return list(self.gradebook.db.execute(query))

    def notes(self) -> dict[tuple[str, str], Note]:
        """The notes on everything graded so far, by learner and scenario."""
        return {(row[0], row[1]): Note(*row[2:]) for row in self.rows(select(*_NOTES.columns))}

    def given(self, slug: str) -> dict[str, dict[str, Given]]:
        """What the gradebook holds for one scenario, by learner and decision."""
        found: dict[str, dict[str, Given]] = {}
        for learner, cell, auto, manual, extra, needs in self.rows(
            select(
                SubmittedAssignment.student_id,
                BaseCell.name,
                Grade.auto_score,
                Grade.manual_score,
                Grade.extra_credit,
                Grade.needs_manual_grade,
            )
            .join(BaseCell, Grade.cell_id == BaseCell.id)
            .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .where(Assignment.name == slug)
        ):
            mark = Mark(manual, extra, None, bool(needs))
            found.setdefault(learner, {})[decision_of(cell)] = Given(auto, mark)
        return found

    def came(self, slug: str) -> dict[str, datetime]:
        """When each learner's graded hand-in of one scenario came (UTC)."""
        found = self.rows(
            select(SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .where(Assignment.name == slug, SubmittedAssignment.timestamp.isnot(None))
        )
        return {learner: at.replace(tzinfo=UTC) for learner, at in found}

    def names(self) -> dict[str, str]:
        """The name of everybody who has one here, by learner."""
        found = self.rows(select(Student.id, Student.first_name, Student.last_name))
        return {learner: name for learner, first, last in found if (name := whole_name(first, last))}

    def bring_up_to_date(self, people: Mapping[str, Person]) -> None:
        """Give those who are here the names and addresses that they have on the roster, in one transaction.

        What the roster leaves empty stays as it is.
        """
        columns = (Student.id, Student.first_name, Student.last_name, Student.email)
        changes = []
        for learner, first, last, email in self.rows(select(*columns)):
            if (one := people.get(learner)) is None:
                continue
            # A roster has whole names, and to take them apart would be guessing.
            same = not one.name or one.name == whole_name(first, last)
            now = {
                "first_name": first if same else None,
                "last_name": last if same else one.name,
                "email": one.email or email,
            }
            if tuple(now.values()) != (first, last, email):
                changes.append({"id": learner, **now})
        if changes:
            self.gradebook.db.execute(update(Student), changes)
            self.gradebook.db.commit()

    def enter(self, shelf: Shelf, entered: list[Entered], people: Mapping[str, Person]) -> None:
        """Enter a batch in one transaction: all of it, or nothing.

        As in nbgrader's own chain, a person's marks stay; one on a cell that was graded anew has to be looked at again,
        unless it is for a text that is still the same.
        """
        if not entered:
            return
        db = self.gradebook.db
        try:
            self._students([one.outcome.task.learner for one in entered], people)
            graded = [one for one in entered if not one.outcome.task.feedback_only]
            self._add(shelf, [one for one in graded if one.outcome.task.learner not in shelf.submissions])
            self._change(shelf, [one for one in graded if one.outcome.task.learner in shelf.submissions])
            rows = [{"learner": one.outcome.task.learner, "scenario": shelf.slug, **vars(one.note)} for one in entered]
            statement = upsert(_NOTES)
            changed = {name: statement.excluded[name] for name in vars(entered[0].note)}
            db.execute(statement.on_conflict_do_update(index_elements=["learner", "scenario"], set_=changed), rows)
            db.commit()
        except BaseException:
            db.rollback()
            raise
        shelf.submissions.update(shelf.added)
        shelf.added.clear()

    def _students(self, learners: list[str], people: Mapping[str, Person]) -> None:
        known = {row[0] for row in self.rows(select(Student.id).where(Student.id.in_(learners)))}
        listed = {learner: people.get(learner) for learner in dict.fromkeys(learners) if learner not in known}
        # See bring_up_to_date. Formgrader still shows the id.
        new = [
            {"id": learner, "last_name": (one and one.name) or None, "email": (one and one.email) or None}
            for learner, one in listed.items()
        ]
        if new:
            self.gradebook.db.execute(insert(Student), new)

    def _add(self, shelf: Shelf, entered: list[Entered]) -> None:
        """Submissions that are new, made as nbgrader's add_submission makes them."""
        assignments, notebooks, grades, comments = [], [], [], []
        for one in entered:
            task = one.outcome.task
            submission, part = shelf.added[task.learner] = new_uuid(), new_uuid()
            came = task.at.replace(tzinfo=None)
            assignments.append(
                {"id": submission, "assignment_id": shelf.assignment, "student_id": task.learner, "timestamp": came}
            )
            notebooks.append({"id": part, "assignment_id": submission, "notebook_id": shelf.notebook, "flagged": False})
            some, told = _cells(shelf, one, part)
            grades += [{"id": new_uuid(), **row} for row in some]
            comments += [{"id": new_uuid(), **row} for row in told]
        run = self.gradebook.db.connection().execute
        for table, rows in (
            (SubmittedAssignment, assignments),
            (SubmittedNotebook, notebooks),
            (Grade, grades),
            (Comment, comments),
        ):
            if rows:
                run(insert(table.__table__), rows)

    def _change(self, shelf: Shelf, entered: list[Entered]) -> None:
        """Submissions that are there already: what the machine says of them, and nothing that a person said."""
        grades, comments, stamps = [], [], []
        for one in entered:
            submission, part = shelf.submissions[one.outcome.task.learner]
            stamps.append({"is": submission, "came": one.outcome.task.at.replace(tzinfo=None)})
            some, told = _cells(shelf, one, part)
            grades += [{f"b_{name}": value for name, value in row.items()} for row in some]
            comments += [{f"b_{name}": value for name, value in row.items()} for row in told]
        run = self.gradebook.db.connection().execute
        if stamps:
            table = SubmittedAssignment.__table__
            run(update(table).where(table.c.id == bindparam("is")).values(timestamp=bindparam("came")), stamps)
        for kind, names, rows in (
            (Grade, ("auto_score", "needs_manual_grade"), grades),
            (Comment, ("auto_comment",), comments),
        ):
            if rows:
                table = kind.__table__
                where = (table.c.notebook_id == bindparam("b_notebook_id")) & (
                    table.c.cell_id == bindparam("b_cell_id")
                )
                run(update(table).where(where).values({name: bindparam(f"b_{name}") for name in names}), rows)

    def scores(self, shelf: Shelf) -> dict[str, Score]:
        """Every submission's score, by learner, without what waits (`still_waits`).

        One pass: nbgrader's own sums take one for each.
        """
        waits = and_(Grade.needs_manual_grade, Grade.auto_score.is_(None))
        counts = case((waits, 0.0), else_=Grade.score)
        # By cell, for which there is an index; by notebook every question would go through the whole cohort's grades.
        found = {
            part: (float(score), bool(waits))
            for part, score, waits in self.rows(
                select(Grade.notebook_id, func.sum(counts), func.max(Grade.needs_manual_grade))
                .where(Grade.cell_id.in_(shelf.graded.values()))
                .group_by(Grade.notebook_id)
            )
        }
        return {
            learner: Score(found[part][0], shelf.max_score, found[part][1])
            for learner, (_, part) in shelf.submissions.items()
            if part in found
        }

    def table(self) -> list[tuple[object, ...]]:
        """Every student and scenario as `nbgrader export` has them: without a submission the score is 0."""
        most = {name: (due, float(score)) for name, due, score in self.rows(_ASSIGNMENTS)}
        found = {(row[0], row[1]): row[2:] for row in self.rows(_TOTALS)}
        students = self.rows(select(Student.id, Student.last_name, Student.first_name, Student.email))
        table: list[tuple[object, ...]] = []
        for name, (due, max_score) in sorted(most.items()):
            for student, last, first, email in sorted(students, key=lambda row: str(row[0])):
                came, score, penalty = found.get((name, student), (None, 0.0, 0.0))
                score, penalty = float(score), float(penalty or 0.0)
                total = max(0.0, score - penalty)
                table.append((name, due, came, student, last, first, email, score, penalty, total, max_score))
        return table


_ASSIGNMENTS = select(Assignment.name, Assignment.duedate, Assignment.max_score)
_TOTALS = (
    select(
        Assignment.name,
        SubmittedAssignment.student_id,
        SubmittedAssignment.timestamp,
        func.sum(Grade.score),
        func.max(SubmittedNotebook.late_submission_penalty),
    )
    .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
    .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
    .group_by(SubmittedAssignment.id)
)


def _cells(shelf: Shelf, one: Entered, part: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of grades and of comments for one submission, as nbgrader's SaveAutoGrades fills them."""
    outcome, task = one.outcome, one.outcome.task
    grades, comments = [], []
    for name in shelf.decisions:
        cell, points, mark = grade_id(name), outcome.points[name], task.marks.get(name)
        needs = has_to_be_read(
            mark, points, written=name in outcome.written, same_texts=one.note.texts == task.texts_digest
        )
        row = {"notebook_id": part, "cell_id": shelf.graded[cell], "auto_score": points}
        grades.append({**row, "needs_manual_grade": needs})
        if cell in shelf.solutions:
            told = None if name in outcome.written else "No response."
            comments.append({"notebook_id": part, "cell_id": shelf.solutions[cell], "auto_comment": told})
    return grades, comments


def _ids(book: Book, kind: Any, notebook: str) -> dict[str, str]:
    return dict(book.rows(select(kind.name, kind.id).where(kind.notebook_id == notebook)))


def _marks(book: Book, shelf: Shelf) -> dict[str, dict[str, Mark]]:
    """What people noted, by learner and decision."""
    decisions = {grade_id(name): name for name in shelf.decisions}
    graded = {key: decisions[cell] for cell, key in shelf.graded.items() if cell in decisions}
    written = {key: decisions[cell] for cell, key in shelf.solutions.items() if cell in decisions}
    learners = {part: learner for learner, (_, part) in shelf.submissions.items()}
    found: dict[str, dict[str, dict[str, Any]]] = {}

    def add(part: str, name: str, **noted: Any) -> None:
        if part in learners:
            found.setdefault(learners[part], {}).setdefault(name, {}).update(noted)

    for part, cell, manual, extra, needs in book.rows(
        select(Grade.notebook_id, Grade.cell_id, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
        .where(Grade.cell_id.in_(graded))
        .where(or_(Grade.manual_score.isnot(None), Grade.extra_credit.isnot(None)))
    ):
        add(part, graded[cell], manual=manual, extra=extra, needs_reading=bool(needs))
    for part, cell, comment in book.rows(
        select(Comment.notebook_id, Comment.cell_id, Comment.manual_comment)
        .where(Comment.cell_id.in_(written))
        .where(Comment.manual_comment.isnot(None))
    ):
        add(part, written[cell], comment=comment)
    return {learner: {name: Mark(**noted) for name, noted in by_name.items()} for learner, by_name in found.items()}
