"""A generated cohort with known truth, read from hand-ins as the command reads them."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from cohorts import Plants, Player, Truth, course_scenario, people, straight_test, write_cohort, write_roster

from onsite.grading.roster import read_roster
from onsite.grading.scenarios import CourseScenario
from onsite.report.cohort import Cohort
from onsite.report.records import Reading, read_cohort
from onsite.scenario.load import load_scenario

SHIFTS = {"Lisbon": 0.8, "Oslo": 0.3, "Pune": -0.2, "Krakow": -0.7}
NOISY, MISKEYED = "q7", "q12"
LIFT = 0.9
PRACTICES = {f"P{number:02}": f"Practice {number}" for number in range(1, 23)}


@dataclass(frozen=True)
class Made:
    """What was generated, and what was read of it. liked: the option that the able choose at MISKEYED."""

    reading: Reading
    truth: Truth
    courses: dict[str, CourseScenario]
    folder: Path
    liked: str

    @property
    def cohort(self) -> Cohort:
        return self.reading.cohort


def wrong_option(course: CourseScenario, scene: str) -> str:
    """An option of a scene that earns nothing."""
    return next(option.id for option in course.scenario.scenes[scene].item.options if option.credit == 0)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, all_kinds: Path) -> Made:
    folder = tmp_path_factory.mktemp("cohort")
    before, after = straight_test("pre-test", 1, test="before"), straight_test("post-test", 2, test="after")
    courses = {c.slug: c for c in (course_scenario("all-kinds", load_scenario(all_kinds)), before, after)}
    liked = wrong_option(before, MISKEYED)
    plants = Plants(noise=frozenset({NOISY}), preferred={MISKEYED: liked})
    players = [Player(c, 1, plants if c is before else None) for c in courses.values()]
    cohort = people(Random(5), 1000, SHIFTS)
    truth = write_cohort(folder / "hand-ins", players, cohort, 11, lifts={"post-test": LIFT})
    write_roster(folder / "roster.csv", cohort)
    reading = read_cohort(folder / "hand-ins", courses, PRACTICES, roster=read_roster(folder / "roster.csv"))
    return Made(reading, truth, courses, folder, liked)
