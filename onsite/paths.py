"""Where things are in a course folder. The one place that knows the names of its folders."""

from dataclasses import dataclass
from pathlib import Path

from onsite.scenario.errors import OnsiteError

KEPT_ASIDE = "as-submitted"
"""The folder of the inbox for what nbgrader had collected and the grader laid out afresh. It is not read again."""


@dataclass(frozen=True)
class CoursePaths:
    """The folders of one course, from its root."""

    root: Path

    @property
    def solutions(self) -> Path:
        """Scenario files and instructor notebooks; nbgrader's source folder."""
        return self.root / "solutions"

    @property
    def exercises(self) -> Path:
        """Learner notebooks; nbgrader's release folder."""
        return self.root / "exercises"

    @property
    def points(self) -> Path:
        """The source points the course teaches."""
        return self.root / "book" / "source-points.yml"

    @property
    def practices(self) -> Path:
        """The practice pages of the book."""
        return self.root / "book" / "practices"

    @property
    def editor_schema(self) -> Path:
        """The JSON Schema of scenario files, for editors; only where the course holds its machinery."""
        return self.root / "onsite" / "scenario" / "scenario.schema.json"

    @property
    def site(self) -> Path:
        """The built site."""
        return self.root / "_build" / "html"

    @property
    def work(self) -> Path:
        """The learner's own copies of the notebooks, with their answers."""
        return self.root / "work"

    @property
    def inbox(self) -> Path:
        """Hand-ins as they arrived, one file each; only ever added to."""
        return self.root / "hand-ins"

    @property
    def kept_aside(self) -> Path:
        """See `KEPT_ASIDE`."""
        return self.inbox / KEPT_ASIDE

    @property
    def roster(self) -> Path:
        """Who takes part, as the organisation keeps it; not part of the course."""
        return self.root / "roster.csv"

    @property
    def due(self) -> Path:
        """Until when each scenario may be handed in; the organisation's own too."""
        return self.root / "due.csv"

    @property
    def whose(self) -> Path:
        """Whose the hand-ins are that nothing else tells of; the organisation's own too."""
        return self.root / "whose.csv"

    @property
    def regraded(self) -> Path:
        """Where it was decided by which version's key older answers are graded; need not be there."""
        return self.root / "regraded.json"

    @property
    def submitted(self) -> Path:
        """nbgrader's submitted folder, laid out from the inbox."""
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        """nbgrader's autograded folder, which formgrader opens."""
        return self.root / "autograded"

    @property
    def feedback(self) -> Path:
        """nbgrader's feedback folder."""
        return self.root / "feedback"

    @property
    def gradebook(self) -> Path:
        """nbgrader's database."""
        return self.root / "gradebook.db"

    @property
    def by_learner(self) -> tuple[Path, ...]:
        """What has a folder for each learner, called by their id."""
        return self.submitted, self.autograded, self.feedback, self.certificates

    @property
    def report(self) -> Path:
        """The cohort report."""
        return self.root / "report"

    @property
    def history(self) -> Path:
        """The history of grades, and the names that belong to it."""
        return self.root / "history"

    @property
    def private(self) -> Path:
        """What must never be handed out: the key of the certificates, the head of the history."""
        return self.root / "private"

    @property
    def backups(self) -> Path:
        """Where backups go when nobody says where."""
        return self.root / "backups"

    @property
    def certificates(self) -> Path:
        """Certificates, in a folder for each learner."""
        return self.root / "certificates"

    @property
    def rule(self) -> Path:
        """What a certificate takes. Need not be there."""
        return self.root / "course-rule.yml"

    def pages(self) -> list[Path]:
        """The Markdown pages of the book, in order of their path."""
        return sorted((self.root / "book").rglob("*.md"))

    def slugs(self) -> list[str]:
        """The scenarios of the course, by folder name."""
        return sorted(path.parent.name for path in self.solutions.glob("*/scenario.yml"))


def find_course(start: Path | None = None) -> CoursePaths:
    """The course that `start` (default: the working directory) lies in. Raises OnsiteError outside of one."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "nbgrader_config.py").is_file() and (folder / "solutions").is_dir():
            return CoursePaths(folder)
    raise OnsiteError(f"{here} is not inside an Onsite course. Go to the folder that holds course.py and try again.")
