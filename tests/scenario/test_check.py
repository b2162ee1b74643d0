"""What the check says about a story as a whole."""

from pathlib import Path

import pytest
from tiny_tools import line_of

from onsite.scenario import graph
from onsite.scenario.check import check_file, scenario_files

REPOSITORY = Path(__file__).parents[2]
ATTIC = "  attic:\n    narrative: Dust.\n    next: paper\n"
ATTIC_WITH_ITEM = (
    "  attic:\n    narrative: Dust.\n    item:\n      kind: text\n      prompt: Write on the dust.\n"
    "      rubric: [{points: 1, criterion: Legible.}]\n      model: Hello.\n      consequence: You sneeze.\n"
    "      coaching: Dust.\n      cites: [P06]\n      goto: open\n"
)


def checked(path: Path, known_points) -> list[str]:
    """The findings as the author reads them."""
    _, findings = check_file(path, known_points)
    return [str(finding) for finding in findings]


def test_the_small_scenario_has_no_findings(edited, known_points):
    scenario, findings = check_file(edited(), known_points)
    assert findings == []
    assert scenario is not None


@pytest.mark.parametrize("path", scenario_files(REPOSITORY / "solutions"), ids=lambda path: path.parent.name)
def test_a_scenario_of_the_course_has_no_findings(path, known_points):
    scenario, findings = check_file(path, known_points)
    assert findings == [], "\n".join(map(str, findings))
    assert scenario is not None


def test_there_are_scenarios_in_the_course():
    assert scenario_files(REPOSITORY / "solutions")


def test_what_does_not_load_is_found_and_not_raised(edited, known_points):
    path = edited(("start: corridor", "start: coridor"))
    scenario, findings = check_file(path, known_points)
    assert scenario is None
    assert [str(finding) for finding in findings] == [
        f"{path}:22: The start scene 'coridor' does not exist. Did you mean 'corridor'?"
    ]


def test_a_point_the_course_does_not_have_is_found(edited, known_points):
    path = edited(("trains: [P01, P06, R02]", "trains: [P01, P06, R02, P99]"))
    line = line_of(path, "P99")
    assert checked(path, known_points) == [
        f"{path}:{line}: 'P99' is not a source point of this course. See the list of points for the right id."
    ]


def test_a_folder_that_cannot_be_a_slug_is_found(edited, known_points):
    path = edited().parent.rename(edited().parents[1] / "Locked Door") / "scenario.yml"
    assert checked(path, known_points) == [
        f"{path}: The folder name 'Locked Door' may hold small letters, digits and - only. Rename the folder."
    ]


@pytest.mark.parametrize("scene", [ATTIC, ATTIC_WITH_ITEM], ids=["that only tells", "with an item"])
def test_a_scene_no_path_reaches_is_found(edited, known_points, scene):
    path = edited(("endings:\n", scene + "endings:\n"))
    line = line_of(path, "  attic:")
    assert checked(path, known_points) == [
        f"{path}:{line}: No path reaches the scene 'attic'. Lead a choice to it, or remove it."
    ]


def test_a_scene_behind_a_condition_that_never_holds_is_found(edited, known_points):
    path = edited(
        ("endings:\n", ATTIC + "endings:\n"),
        ("[{when: trust < 10, goto: home}, ", "[{when: trust < 10, goto: home}, {when: trust > 90, goto: attic}, "),
    )
    line = line_of(path, "  attic:")
    assert checked(path, known_points) == [
        f"{path}:{line}: No path reaches the scene 'attic'. Lead a choice to it, or remove it."
    ]


def test_an_ending_no_path_reaches_is_found(edited, known_points):
    path = edited(("trust < 10, goto: home", "trust < 10, goto: shut"))
    line = line_of(path, "  home:")
    assert checked(path, known_points) == [
        f"{path}:{line}: No path reaches the ending 'home'. Lead a choice to it, or remove it."
    ]


def test_a_situation_without_any_offered_option_is_found(edited, known_points):
    # With `told` the trust is 60 at the desk: neither option is offered there.
    path = edited(
        ("        - id: ten\n", "        - id: ten\n          when: trust > 60\n"), ("trust >= 60", "trust >= 61")
    )
    stuck = (
        f"{path}:{line_of(path, '  desk:')}: In the scene 'desk' a learner can get stuck: no option is offered, "
        "or no route holds. Add an option without 'when', or a last branch without 'when'."
    )
    worth = (
        f"{path}:{line_of(path, 'decisions:')}: The best path earns 12 of the declared 20 points. "
        "Give one path an option with credit 1 in every decision."
    )
    assert checked(path, known_points) == [worth, stuck]


def test_scenes_that_only_tell_and_lead_in_a_circle_are_found(edited, known_points):
    path = edited(
        ("goto: shut", "goto: attic"),
        ("goto: home}", "goto: shut}"),
        ("  home: {title: Sent home, narrative: A taxi., debrief: You were not there.}\n", ""),
        (
            "endings:\n",
            ATTIC.replace("paper", "cellar")
            + ATTIC.replace("attic", "cellar").replace("paper", "attic")
            + "endings:\n",
        ),
    )
    assert checked(path, known_points) == [
        f"{path}:{line_of(path, '  stairs:')}: In the scene 'stairs' a learner can get stuck: no option is offered, "
        "or no route holds. Add an option without 'when', or a last branch without 'when'."
    ]


def test_a_loop_with_no_way_out_is_found(edited, known_points):
    path = edited(
        ("      goto: open\n", "      goto: attic\n"),
        ("endings:\n", ATTIC_WITH_ITEM.replace("goto: open", "goto: attic") + "endings:\n"),
    )
    without_end = [
        f"{path}:{line_of(path, f'  {scene}:')}: From the scene '{scene}' no ending can be reached. "
        "Add a way out of the loop."
        for scene in ("desk", "paper", "attic")
    ]
    worth = (
        f"{path}:{line_of(path, 'decisions:')}: The best path earns 5 of the declared 20 points. "
        "Give one path an option with credit 1 in every decision."
    )
    nobody = f"{path}:{line_of(path, '  open:')}: No path reaches the ending 'open'. Lead a choice to it, or remove it."
    assert checked(path, known_points) == [worth, *without_end, nobody]


def test_a_loop_with_a_way_out_is_no_fault(edited, known_points):
    path = edited(
        ("      goto: open\n", "      goto: attic\n"),
        (
            "endings:\n",
            ATTIC_WITH_ITEM.replace(
                "goto: open", "effects: {minutes: 60}\n      goto: [{when: minutes == 60, goto: open}, {goto: attic}]"
            )
            + "endings:\n",
        ),
    )
    assert checked(path, known_points) == []


def test_a_decision_filled_twice_on_one_path_is_found(edited, known_points):
    path = edited(("    next: paper\n", "    next: stairs\n"))
    line = line_of(path, "stops you on the stairs") + 1
    assert checked(path, known_points) == [
        f"{path}:{line}: A path reaches the scene 'stairs' with its decision 'repair' already filled. "
        "Give the scene a decision of its own, or none."
    ]


def test_a_best_path_below_the_declared_points_is_found(edited, known_points):
    path = edited(
        (
            "          coaching: A range and a time.\n          credit: 1\n",
            "          coaching: A range and a time.\n          credit: 0.75\n",
        )
    )
    line = line_of(path, "decisions:")
    assert checked(path, known_points) == [
        f"{path}:{line}: The best path earns 18.5 of the declared 20 points. "
        "Give one path an option with credit 1 in every decision."
    ]


def test_a_best_option_that_is_never_offered_does_not_count(edited, known_points):
    path = edited(("when: trust >= 60", "when: trust >= 61"))
    line = line_of(path, "decisions:")
    assert checked(path, known_points) == [
        f"{path}:{line}: The best path earns 15.5 of the declared 20 points. "
        "Give one path an option with credit 1 in every decision."
    ]


def test_a_story_too_wide_to_check_is_said_to_be(edited, known_points, monkeypatch):
    monkeypatch.setattr(graph, "MAX_NODES", 3)
    path = edited()
    assert checked(path, known_points) == [
        f"{path}:{line_of(path, 'scenes:')}: The story has more situations than can be checked. "
        "Use fewer states in conditions, or split the scenario."
    ]


def test_scenario_files_come_in_order_of_slug(tmp_path):
    for slug in ("c", "a", "b"):
        (tmp_path / slug).mkdir()
        (tmp_path / slug / "scenario.yml").touch()
    (tmp_path / "notes").mkdir()
    assert [path.parent.name for path in scenario_files(tmp_path)] == ["a", "b", "c"]
