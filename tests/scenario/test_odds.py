"""What guessing and tricks may earn: each limit speaks from its own figure on, and names what to do."""

import pytest

from onsite.scenario.check import check_story
from onsite.scenario.examine import examine
from onsite.scenario.figures import figures_of
from onsite.scenario.graph import explore
from onsite.scenario.odds import odds_warnings


def sketch(path, credits, *, texts=("Say it.", "Wait on.", "Go off."), **front):
    """A straight road of choices, each of whose options is worth what `credits` says of it."""
    scenes, decisions = "", ""
    for number, row in enumerate(credits):
        decisions += f"  d{number}: {{title: D, points: 10}}\n"
        onward = f"s{number + 1}" if number + 1 < len(credits) else "over"
        scenes += f"  s{number}:\n    narrative: On.\n    next: {onward}\n    item:\n      kind: choice\n"
        scenes += f"      decision: d{number}\n      prompt: And?\n      options:\n"
        for place, credit in enumerate(row):
            scenes += f"        - {{id: o{place}, text: {texts[place]}, consequence: C{place}., "
            scenes += f"coaching: W{place}., credit: {credit}, cites: [P06]}}\n"
    head = "".join(f"{key}: {value}\n" for key, value in front.items())
    path.write_text(
        f"format: 1\nversion: 1\ntitle: T\nsummary: S.\nminutes: 2\nlevel: L\nrole: R.\nsetting: S.\n"
        f"cast:\n  - {{name: N, position: P, cares_about: C.}}\nobjectives: [O.]\ntrains: [P06]\n"
        f"debrief: on_completion\n{head}decisions:\n{decisions}start: s0\nscenes:\n{scenes}"
        "endings:\n  over: {title: E, narrative: N., debrief: D.}\n",
        "utf-8",
    )
    return path


@pytest.fixture
def path(tmp_path):
    (tmp_path / "straight").mkdir()
    return tmp_path / "straight" / "scenario.yml"


def told(path, known_points):
    checked = check_story(path, known_points, explore)
    assert checked.findings == []
    figures = figures_of(checked.scenario, checked.graph, exact_words=True)
    return [str(finding) for finding in odds_warnings(checked.source, checked.scenario, figures)]


# Each place is worth the same over the six, so that no robot stands out.
FAIR = [(1, 0.3, 0), (0, 1, 0.3), (0.3, 0, 1)] * 2


def test_a_fair_road_is_told_nothing(path, known_points):
    assert told(sketch(path, FAIR), known_points) == []


def test_middling_options_worth_too_much_are_told(path, known_points):
    generous = [tuple(0.5 if credit == 0.3 else credit for credit in row) for row in FAIR]
    found = told(sketch(path, generous), known_points)
    assert found[0].endswith(
        "Guessing earns 50.0 % of the points of the choices; less than 45 % is fair. "
        "Lower the credit of middling options, or add a scene for those who come through by luck."
    )
    assert len(found) == 2, "and the pass mark is too near as well"


def test_a_robot_that_finds_the_best_options_is_told_by_name(path, known_points):
    found = told(sketch(path, [(1, 0.3, 0)] * 6, texts=("Wait.", "Say it now.", "Go off.")), known_points)
    assert [text.split("Warning: ")[1].split(" earns")[0] for text in found] == [
        "Whoever takes the longest option each time",
        "Whoever takes the first option each time",
        "Whoever takes the most polite option each time",
    ]
    assert any("earns 100.0 %, a guesser 43.3 %" in text for text in found)


def test_a_pass_mark_within_reach_is_told_with_its_line(path, known_points):
    sketch(path, FAIR, pass_mark=60)
    (found,) = told(path, known_points)
    line = path.read_text("utf-8").splitlines().index("pass_mark: 60") + 1
    assert found == (
        f"{path}:{line}: Warning: The pass mark is 60 %, and a guesser earns 43.3 % of what the machine marks. "
        "Keep it at least 20 points above."
    )
    assert told(sketch(path, FAIR, pass_mark=64), known_points) == []


def test_a_sketch_of_four_decisions_is_left_alone(path, known_points):
    assert told(sketch(path, [(1, 1, 0)] * 4), known_points) == []
    assert told(sketch(path, [(1, 1, 0)] * 5), known_points) != []


def test_the_check_tells_them(path, known_points):
    assert any(
        "pass mark" in str(finding) for finding in examine(sketch(path, FAIR, pass_mark=50), known_points).findings
    )
