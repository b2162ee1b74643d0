"""A course that has been graded: real gradebook, folders as nbgrader lays them out, no kernel needed."""

import json
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from courses import make_course
from nbgrader.api import Gradebook
from records import record
from sqlalchemy.exc import SAWarning

from onsite.ledger.history import bring_up_to_date
from onsite.paths import CoursePaths

SLUG = "locked-door"
DECISIONS = {"report": 6.0, "estimate": 10.0, "note": 4.0}


class Graded:
    """A course folder with hand-ins graded by hand, for tests of what comes after grading."""

    def __init__(self, course: CoursePaths) -> None:
        self.course = course
        course.root.mkdir(parents=True, exist_ok=True)
        with self.gradebook() as gradebook:
            gradebook.add_assignment(SLUG)
            gradebook.add_notebook(SLUG, SLUG)
            for decision, points in DECISIONS.items():
                gradebook.add_grade_cell(f"decision-{decision}", SLUG, SLUG, max_score=points, cell_type="code")
            gradebook.add_solution_cell("decision-note", SLUG, SLUG)

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's sessions
            with Gradebook(f"sqlite:///{self.course.gradebook}") as gradebook:
                yield gradebook

    def hand_in(self, name: str, learner: str, text: str = "The lock stuck.", **scores: float | None) -> dict[str, Any]:
        """A record of `name` in the inbox, laid out and graded as `learner`; decisions not given wait for a reader."""
        answers = record(SLUG, [("corridor", "tell"), ("desk", "range"), ("paper", text)], learner=name)
        said = json.dumps(answers, ensure_ascii=False)
        for path in (
            self.course.inbox / f"{answers['id']}.json",
            self.course.submitted / learner / SLUG / "answers.json",
            self.course.autograded / learner / SLUG / "answers.json",
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(said, "utf-8")
        (self.course.autograded / learner / SLUG / f"{SLUG}.ipynb").write_text(json.dumps({"text": text}), "utf-8")
        page = self.course.feedback / learner / SLUG / f"{SLUG}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"<h1>{name}</h1><p>{text}</p>", "utf-8")
        with self.gradebook() as gradebook:
            gradebook.update_or_create_student(learner)
            gradebook.add_submission(SLUG, learner, timestamp=datetime(2026, 11, 22, 9, 1))
        for decision in DECISIONS:
            self.grade(learner, decision, scores.get(decision))
        return answers

    def grade(self, learner: str, decision: str, auto: float | None = None, manual: float | None = None) -> None:
        with self.gradebook() as gradebook:
            cell = gradebook.find_grade(f"decision-{decision}", SLUG, SLUG, learner)
            if manual is None:
                cell.auto_score = auto
            cell.manual_score = manual
            cell.needs_manual_grade = auto is None and manual is None
            gradebook.db.commit()


@pytest.fixture(scope="session")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = make_course(tmp_path_factory.mktemp("graded") / "course")
    graded = Graded(course)
    graded.hand_in("Ana Sousa", "ana-sousa", report=6.0, estimate=10.0)
    graded.hand_in("Bo Li", "bo-li", "I told nobody.", report=2.0, estimate=5.0, note=0.0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LOGNAME", "hr")
        bring_up_to_date(course, "graded")
    return course.root


@pytest.fixture
def graded(graded_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graded:
    """Ana Sousa, whose note waits for a reader, and Bo Li: graded by hr and entered in the history."""
    monkeypatch.setenv("LOGNAME", "hr")  # which is where Python looks for the login first
    shutil.copytree(graded_once, tmp_path / "course")
    made = Graded.__new__(Graded)
    made.course = CoursePaths(tmp_path / "course")
    return made


@pytest.fixture
def course(graded: Graded) -> CoursePaths:
    return graded.course


@pytest.fixture
def command(course: CoursePaths, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """command("audit", "--head", ...): what `course.py` does in this course; its exit status."""
    from onsite.cli import main

    monkeypatch.chdir(course.root)
    return lambda *arguments: main([str(argument) for argument in arguments])
