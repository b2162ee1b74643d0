"""Figures of a scenario: by hand on the small one, against every single path on random ones."""

from itertools import combinations, permutations, product

import pytest
from generated import random_scenario
from paths import every_path

from onsite.scenario import folding
from onsite.scenario.conditions import holds
from onsite.scenario.figures import count_paths, figures_of
from onsite.scenario.graph import best_path, explore
from onsite.scenario.items import CREDIT
from onsite.scenario.load import load_scenario
from onsite.scenario.replay import Given, passed, replay
from onsite.scenario.robots import BLIND, ROBOTS, expected, walk
from onsite.scenario.scoring import credit
from onsite.scenario.story import story_of


@pytest.fixture
def figures(tiny_scenario):
    return figures_of(tiny_scenario, explore(tiny_scenario, narrative=True), exact_words=True)


def test_the_small_scenario_by_hand(figures):
    # tell: desk, 2 ways to the note. push: stairs, own to the note or shrug. leave (trust 0): home.
    assert figures.paths == 5
    # tell 10 + (1.5 + 6) / 2; push 5 + (3 + 0) / 2; leave 0.
    assert figures.guesser == pytest.approx((13.75 + 6.5 + 0) / 3)
    # Role, setting and the corridor 36; then tell 2 + hall and desk 28 + 3.5 + note to ending 14, push 5 + hall and
    # stairs 17 + (3 + 14 + 10) / 2, leave 6 + 6.
    assert figures.words == pytest.approx(36 + (47.5 + 35.5 + 12) / 3)
    assert (figures.machine_points, figures.left_out) == (16, ("note",))
    assert (figures.scenes, figures.decisions, figures.endings, figures.points) == (5, 3, 3, 20)


def test_the_robots_on_the_small_scenario_by_hand(figures):
    # Longest: "Go and look for the caretaker.", which ends at once. First: tell, then ten minutes. Nobody is polite,
    # so the politest is the first as well.
    found = {name: (walked.points, walked.ending) for name, walked in figures.robots.items()}
    assert found == {"longest": (0.0, "home"), "first": (11.5, "open"), "most polite": (11.5, "open")}
    assert figures.robots["first"].answers == (("corridor", "tell"), ("desk", "ten"))


def test_the_polite_robot_takes_the_polite_option(edited):
    scenario = load_scenario(edited(("text: Shrug.", "text: Sorry. Could you wait? Thank you.")))
    walked = walk(scenario, explore(scenario), ROBOTS["most polite"])
    assert walked.points == 10 + 1.5
    scenario = load_scenario(edited(("text: Push harder and hope.", "text: Say sorry and push.")))
    assert walk(scenario, explore(scenario), ROBOTS["most polite"]).answers[0] == ("corridor", "push")


def test_a_robot_that_goes_in_circles_is_stopped(edited):
    path = edited(("goto: hall\n        - id: push", "goto: corridor\n        - id: push"))
    scenario = load_scenario(path)
    walked = walk(scenario, explore(scenario), ROBOTS["first"])
    assert (walked.points, walked.ending) == (10.0, None)


def test_a_loop_makes_paths_endless_and_the_guesser_still_has_a_mean(edited):
    scenario = load_scenario(
        edited(("goto: shut", "goto: stairs"), ("debrief: You did not tell her.}", "debrief: N.}"))
    )
    graph = explore(scenario)
    assert count_paths(graph) is None
    # Whoever shrugs is asked again; the decision pays nothing the second time, so: half of them 3 points.
    points, _ = expected(scenario, graph)
    assert points == pytest.approx((13.75 + 6.5) / 3)


def words_of(scenario, story, answers) -> int:
    """Words read on one path, counted from the scenario's own texts."""

    def count(text):
        return len(text.split())

    given = [Given(scene, answer) for scene, answer in answers]
    total = count(scenario.role) + count(scenario.setting)
    for done in range(len(answers) + 1):
        here = replay(story, given[:done])
        before = replay(story, given[: done - 1]) if done else None
        came_from = story.start
        if before is not None:
            item = scenario.scenes[before.scene].item
            option = next((o for o in getattr(item, "options", ()) if o.id == answers[done - 1][1]), item)
            total += count(option.consequence)
            routes = option.goto or scenario.scenes[before.scene].next
            came_from = next(branch.goto for branch in routes if holds(branch.when, here.state))
        for place in passed(story, came_from, here.state):
            if place in scenario.endings:
                total += count(scenario.endings[place].narrative) + count(scenario.endings[place].debrief)
                continue
            scene = scenario.scenes[place]
            total += sum(count(p.text) for p in scene.narrative if holds(p.when, here.state))
            if scene.item is not None:
                total += count(scene.item.prompt)
                ids = {o.id for o in story.scenes[place].item.ways(here.state)} if scene.item.kind == "choice" else ()
                total += sum(count(o.text) for o in getattr(scene.item, "options", ()) if o.id in ids)
    return total


@pytest.mark.parametrize("seed", range(40))
def test_every_figure_agrees_with_playing_every_path(seed):
    scenario = random_scenario(seed)
    story = story_of("x", scenario)
    paths = list(every_path(scenario, story))
    graph = explore(scenario, narrative=True)
    figures = figures_of(scenario, graph, exact_words=True)
    assert sum(path.chance for path in paths) == 1
    assert figures.paths == len(paths)
    assert graph.endings == {path.ending for path in paths}
    assert graph.scenes() >= {scene for path in paths for scene, _ in path.answers}
    assert figures.guesser == pytest.approx(float(sum(path.chance * path.points for path in paths)))
    mean = sum(float(path.chance) * words_of(scenario, story, path.answers) for path in paths)
    assert figures.words == pytest.approx(mean)
    assert best_path(graph)[0] == pytest.approx(max(path.points for path in paths))
    for name, walked in figures.robots.items():
        (path,) = [path for path in paths if path.answers == walked.answers]
        assert (walked.points, walked.ending) == (pytest.approx(path.points), path.ending), name


@pytest.mark.parametrize("seed", range(40))
def test_folding_loses_nothing_that_follows(seed, monkeypatch):
    scenario = random_scenario(seed, scenes=8)
    folded = explore(scenario)
    # Against the same search that keeps every value of every variable asked about.
    whole = {name: [] for name in scenario.state}
    monkeypatch.setattr(
        "onsite.scenario.walker.folds_of",
        lambda scenario, **_: {
            place: {n: whole[n] for n in sorted(asked(scenario))} for place in (*scenario.scenes, *scenario.endings)
        },
    )
    full = explore(scenario)
    assert len(folded.steps) <= len(full.steps)
    assert (folded.scenes(), folded.endings, bool(folded.stuck)) == (full.scenes(), full.endings, bool(full.stuck))
    assert best_path(folded)[0] == best_path(full)[0]
    assert count_paths(folded) == count_paths(full)
    assert expected(scenario, folded)[0] == pytest.approx(expected(scenario, full)[0])


def asked(scenario) -> set[str]:
    return {
        c.name
        for scene in scenario.scenes.values()
        for when in folding.conditions(scene, narrative=False)
        for c in when
    }


def test_a_variable_with_very_many_cuts_is_kept_value_by_value(monkeypatch):
    scenario = random_scenario(3)
    usual = explore(scenario)
    monkeypatch.setattr(folding, "MOST_CUTS", 1)
    kept = explore(scenario)
    assert count_paths(kept) == count_paths(usual)
    assert expected(scenario, kept)[0] == pytest.approx(expected(scenario, usual)[0])
    assert len(kept.steps) >= len(usual.steps)


def test_state_nobody_asks_about_any_more_is_dropped(tiny_scenario):
    folds = folding.folds_of(tiny_scenario, narrative=False)
    assert folds["paper"] == folds["open"] == folds["stairs"] == {}
    assert folds["desk"] == {"trust": [60]}
    assert folds["hall"] == {"told": [1], "trust": [60]}
    # tell +10, push -30 and leave -60 move the cut at 60 to 50, 90 and 120, and that at 10 to 70. Nothing is cut
    # outside of 1..100.
    assert folds["corridor"] == {"told": [1], "trust": [50, 70, 90]}


def test_paths_are_counted_exactly_however_many(make_long):
    scenario = make_long(200)
    assert count_paths(explore(scenario)) == 2**200


@pytest.fixture
def make_long():
    def make(scenes: int):
        scenario = random_scenario(0, scenes=1)
        first = scenario.scenes["s0"].item.options[0].model_copy(update={"when": (), "effects": {}})
        made = {}
        for number in range(scenes):
            goto = f"s{number + 1}" if number + 1 < scenes else "good"
            route = first.goto[-1].model_copy(update={"goto": goto})
            options = tuple(first.model_copy(update={"id": i, "goto": (route,)}) for i in ("x", "y"))
            item = scenario.scenes["s0"].item.model_copy(update={"decision": None, "options": options})
            made[f"s{number}"] = scenario.scenes["s0"].model_copy(update={"item": item})
        return scenario.model_copy(update={"scenes": made})

    return make


# --- the other kinds of item --------------------------------------------------------------------------


def every_answer(item) -> list[object]:
    """All valid answers of an item whose answers lead on alike; for `select`, all of the right length."""
    ids = [part.id for part in next(iter(item.lists()))[1]] if item.kind != "sort" else []
    if item.kind == "best_worst":
        return [{"best": best, "worst": worst} for best, worst in permutations(ids, 2)]
    if item.kind == "rating":
        return [dict(zip(ids, ratings, strict=True)) for ratings in product(range(1, 6), repeat=len(ids))]
    if item.kind == "ranking":
        return [list(order) for order in permutations(ids)]
    if item.kind == "select":
        return [list(chosen) for chosen in combinations(ids, item.choose)]
    statements = [statement.id for statement in item.statements]
    bins = product([one.id for one in item.bins], repeat=len(statements))
    return [dict(zip(statements, sorted_in, strict=True)) for sorted_in in bins]


@pytest.fixture(scope="module")
def all_kinds(repository):
    return load_scenario(repository / "tests" / "data" / "all_kinds.yml")


@pytest.mark.parametrize("kind", sorted(BLIND))
def test_a_blind_answer_earns_the_mean_over_all_answers(all_kinds, kind):
    items = [scene.item for scene in all_kinds.scenes.values() if scene.item is not None and scene.item.kind == kind]
    assert items
    for item in items:
        credits = [credit(item.key(), answer) for answer in every_answer(item)]
        assert BLIND[kind](item) == pytest.approx(sum(credits) / len(credits))


def test_every_kind_that_the_machine_marks_can_be_guessed():
    assert set(BLIND) == set(CREDIT) - {"choice"}


def test_the_figures_of_a_scenario_of_all_kinds(all_kinds):
    figures = figures_of(all_kinds, explore(all_kinds, narrative=True), exact_words=True)
    assert 0 < figures.guesser < figures.machine_points < figures.points
    assert all(walked.ending is not None for walked in figures.robots.values())
