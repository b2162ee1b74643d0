"""Every kind of item: what is an answer, what it is worth, what its author can get wrong."""

import statistics
from collections import Counter
from itertools import permutations, product
from pathlib import Path

import pytest

from onsite.scenario.check import check_file
from onsite.scenario.errors import ScenarioError
from onsite.scenario.graph import best_path, explore, loops
from onsite.scenario.items import CREDIT
from onsite.scenario.items.ranking import ranking_score
from onsite.scenario.key import key_of
from onsite.scenario.load import load_scenario
from onsite.scenario.replay import Given, replay
from onsite.scenario.scoring import credit, decision_points
from onsite.scenario.story import story_of

# --- what answers are worth --------------------------------------------------------------------------

PAIR = {"kind": "best_worst", "best": "a", "worst": "d"}
RATINGS = {"kind": "rating", "ratings": {"a": 5, "b": 1, "c": 3}}
ORDER = {"kind": "ranking", "order": list("cabed")}
SELECTION = {"kind": "select", "keyed": ["a", "c"], "choose": 2}
BINS = {"kind": "sort", "bins": {"a": "do", "b": "dont", "c": "do", "d": "dont"}}


@pytest.mark.parametrize(
    ("key", "answer", "worth"),
    [
        (PAIR, {"best": "a", "worst": "d"}, 1.0),
        (PAIR, {"best": "a", "worst": "b"}, 0.5),
        (PAIR, {"best": "b", "worst": "d"}, 0.5),
        (PAIR, {"best": "d", "worst": "a"}, 0.0),
        (RATINGS, {"a": 5, "b": 1, "c": 3}, 1.0),
        (RATINGS, {"a": 4, "b": 1, "c": 3}, 11 / 12),
        (RATINGS, {"a": 4, "b": 2, "c": 2}, 9 / 12),
        (RATINGS, {"a": 3, "b": 3, "c": 3}, 8 / 12),
        (RATINGS, {"a": 1, "b": 5, "c": 5}, 2 / 12),
        ({"kind": "rating", "ratings": {"a": 5, "b": 1}}, {"a": 1, "b": 5}, 0.0),
        (ORDER, list("cabed"), 1.0),
        (ORDER, list("acbed"), 0.9),
        (ORDER, list("debac"), 0.4),
        (SELECTION, ["a", "c"], 1.0),
        (SELECTION, ["c", "a"], 1.0),
        (SELECTION, ["a"], 0.5),
        (SELECTION, ["a", "b"], 0.5),
        (SELECTION, ["b", "d"], 0.0),
        (SELECTION, ["a", "b", "c"], 0.0),
        (BINS, {"a": "do", "b": "dont", "c": "do", "d": "dont"}, 1.0),
        (BINS, {"a": "do", "b": "do", "c": "do", "d": "do"}, 0.5),
        (BINS, {"a": "do", "b": "dont", "c": "do", "d": "do"}, 0.75),
        (BINS, {"a": "dont", "b": "do", "c": "dont", "d": "do"}, 0.0),
    ],
    ids=str,
)
def test_an_answer_is_worth_what_its_rule_says(key, answer, worth):
    found = credit(key, answer)
    assert found == pytest.approx(worth)
    assert type(found) is float


def test_a_ranking_scores_what_the_published_scheme_says():
    scores = Counter(ranking_score(list(order), list("cabed")) for order in permutations("abcde"))
    assert sum(scores.values()) == 120
    assert (min(scores), max(scores), statistics.mean(scores.elements())) == (8, 20, 12)
    assert all(score % 2 == 0 for score in scores)
    assert scores[20] == 1
    assert ranking_score(list("acbed"), list("cabed")) == 18, "the worked example: A and C are one place out each"


def test_the_ranking_scheme_does_not_depend_on_which_order_is_the_key():
    def spread(key: str) -> Counter[int]:
        return Counter(ranking_score(list(order), list(key)) for order in permutations("abcde"))

    assert spread("cabed") == spread("abcde") == spread("edcba")


def test_a_rating_steps_down_a_ladder_by_distance():
    for key, given in product(range(1, 6), repeat=2):
        assert credit({"kind": "rating", "ratings": {"a": key}}, {"a": given}) == (4 - abs(key - given)) / 4


@pytest.mark.parametrize("key", [PAIR, RATINGS, ORDER, SELECTION, BINS], ids=lambda key: key["kind"])
@pytest.mark.parametrize("answer", [None, True, 3, "", "a", [], {}, [["a"]], {"a": None}, [None] * 5], ids=repr)
def test_what_is_no_answer_is_worth_nothing(key, answer):
    assert credit(key, answer) == 0.0


def test_every_rule_says_where_it_comes_from():
    for rule in CREDIT.values():
        told = rule.__doc__ or ""
        assert "Source:" in told
        assert "0.0" in told, "a docstring names the range"


# --- the scenario with every kind --------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(all_kinds: Path):
    """Scenario, story, situations and best path of the scenario with every kind."""
    scenario = load_scenario(all_kinds)
    story = story_of("all-kinds", scenario)
    graph = explore(scenario)
    return scenario, story, graph, best_path(graph)[1]


def test_the_scenario_with_every_kind_passes_the_check(whole_file, known_points):
    scenario, findings = check_file(whole_file(), known_points)
    assert findings == []
    assert scenario is not None
    assert {scene.item.kind for scene in scenario.scenes.values()} == {*CREDIT, "text"}


def test_the_reference_answers_earn_every_point_a_machine_gives(whole):
    scenario, story, graph, path = whole
    assert best_path(graph)[0] == scenario.points
    found = replay(story, [(scene, answer or "Some text.") for scene, answer in path])
    assert (found.problem, found.ending) == (None, "expected")
    for name, key in key_of(scenario).items():
        assert decision_points(found.path, key, scenario.decisions[name].points) == scenario.decisions[name].points


def test_what_is_told_of_an_answer_names_every_part_of_it(whole):
    scenario, _, _, path = whole
    parts = {
        scenario.scenes[scene].item.kind: [part.said for part in scenario.scenes[scene].item.told(answer)]
        for scene, answer in path
        if answer is not None and scene != "kitchen"
    }
    assert parts == {
        "select": ["You chose it"] * 2 + ["You did not choose it"] * 3,
        "best_worst": ["Most effective, you said", "Least effective"],
        "rating": [
            f"You rated it {rating}"
            for rating in ("2 of 5: rather poor", "5 of 5: very good", "1 of 5: harmful", "3 of 5: neither")
        ],
        "choice": [""],
        "sort": [
            f"You put it under: {label}"
            for label in ("To Zofia", "To Zofia", "To Ruth only", "To nobody", "To Ruth only")
        ],
        "ranking": [f"You put it in place {place} of 5" for place in range(1, 6)],
    }


# --- the clock and the graph -------------------------------------------------------------------------


def phone_steps(graph):
    return {(step.ticks, step.answer) for node, steps in graph.steps.items() if node[0] == "phone" for step in steps}


def test_ticks_are_explored_where_a_condition_can_see_them(whole):
    _, _, graph, _ = whole
    early = {(ticks, answer) for ticks in range(4) for answer in ("turn", "answer", "write")}
    late = {(ticks, answer) for ticks in range(4, 7) for answer in ("turn", "write", "back")}
    assert phone_steps(graph) == early | late
    assert loops(graph) == set()


def test_ticks_that_no_condition_sees_are_left_out(whole_file):
    scenario = load_scenario(whole_file(("          when: rings <= 3\n", ""), ("          when: rings >= 4\n", "")))
    graph = explore(scenario)
    assert {ticks for ticks, _ in phone_steps(graph)} == {0}


def test_the_best_path_needs_no_waiting(whole_file, known_points):
    path = whole_file(
        ("          credit: 0.75", "          credit: 1"),
        (
            "          credit: 1\n          effects: {trust: 4}\n          goto: thursday\n        - id: write",
            "          credit: 0.75\n          effects: {trust: 4}\n          goto: thursday\n        - id: write",
        ),
    )
    _, findings = check_file(path, known_points)
    assert [finding.what for finding in findings] == ["The best path earns 40.5 of the declared 42 points."]


def test_options_that_all_vanish_while_the_clock_ticks_leave_a_learner_stuck(whole_file, known_points):
    path = whole_file(
        ("        - id: turn\n", "        - id: turn\n          when: rings <= 3\n"),
        ("        - id: write\n", "        - id: write\n          when: rings <= 5\n"),
        ("          when: rings >= 4\n", "          when: rings == 4\n"),
    )
    _, findings = check_file(path, known_points)
    line = lines(path, "  phone:")[-1]
    assert [(finding.line, finding.what) for finding in findings] == [
        (line, "In the scene 'phone' a learner can get stuck: no option is offered, or no route holds.")
    ]


def lines(path: Path, mark: str) -> list[int]:
    """The lines that say just this."""
    return [number for number, line in enumerate(path.read_text("utf-8").splitlines(), 1) if line == mark]


def test_replay_walks_every_step_of_every_kind(whole):
    _, story, graph, _ = whole
    waiting, seen = [(graph.start, [])], set()
    while waiting:
        node, answers = waiting.pop()
        here = replay(story, answers)
        assert (here.scene or here.ending, here.problem) == (node[0], None)
        if node in seen or node not in graph.steps:
            continue
        seen.add(node)
        waiting += [
            (step.target, [*answers, Given(node[0], step.answer or "A text.", ticks=step.ticks)])
            for step in graph.steps[node]
        ]
    assert seen == set(graph.steps)


# --- what an author can get wrong --------------------------------------------------------------------


@pytest.fixture
def whole_file(all_kinds: Path, tmp_path: Path):
    """whole_file((old, new), ...): a copy of the scenario with every kind, each `old` standing there once."""

    def make(*edits: tuple[str, str]) -> Path:
        text = all_kinds.read_text("utf-8")
        for old, new in edits:
            assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
            text = text.replace(old, new)
        path = tmp_path / "all-kinds" / "scenario.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return make


RANKING = "order: [span, both, nine, wait, six]"
CLOCK = "      every: 20\n      effects: {rings: 1}\n      most: 6\n"
FAULTS = {
    "best that is no option": (
        "best: friday", "best: monday", "best: monday",
        "'monday' is not the id of an option of this item. Known: month, ruth, friday, depends.",
    ),
    "worst that is no option": (
        "worst: month", "worst: year", "worst: year",
        "'year' is not the id of an option of this item. Known: month, ruth, friday, depends.",
    ),
    "best and worst the same": (
        "worst: month", "worst: friday", "worst: friday",
        "'friday' is named as the most and as the least effective. Name two different options.",
    ),
    "the same id twice": (
        "- id: depends", "- id: ruth", 'id: ruth\n          text: \'"That depends',
        "The id 'ruth' is used twice in this item's options. Give each its own id.",
    ),
    "too few options": (
        "        - id: ruth\n          text: '\"That is for Ruth to say. She will ring you this afternoon.\"'\n"
        "          coaching: It promises nothing you cannot keep. It also says that she is speaking to the wrong "
        "person.\n          cites: [R07]\n", "", "options:\n        - id: month",
        "'options' in scenes > meeting > item has too few entries: 3. Give at least 4.",
    ),
    "a consequence of one entry": (
        "- id: depends", "- consequence: No.\n          id: depends", "- consequence: No.",
        "The key 'consequence' is not known in scenes > meeting > item > options > [4]. "
        "Check its spelling against the authoring guide, or remove it.",
    ),
    "no consequence": (
        "      consequence: At one minute to nine Zofia comes in, and puts her watch on the table.\n", "",
        "item:\n      kind: select",
        "The key 'consequence' is missing in scenes > monday > item. Add it.",
    ),
    "a rating off the scale": (
        "rating: 3", "rating: 6", "rating: 6",
        "'rating' in scenes > desk > item > responses > [4]: input should be less than or equal to 5, but is 6. "
        "Correct the value.",
    ),
    "half a rating": (
        "rating: 3", "rating: 3.5", "rating: 3.5",
        "'rating' in scenes > desk > item > responses > [4]: input should be a valid integer, but is 3.5. "
        "Correct the value.",
    ),
    "a scale of four": (
        "neither, rather good,", "rather good,", "scale:",
        "'scale' in scenes > desk > item has too few entries: 4. Give at least 5.",
    ),
    "an order of four": (
        RANKING, "order: [span, both, nine, wait]", "order:",
        "'order' in scenes > friday > item has too few entries: 4. Give at least 5.",
    ),
    "an order with one twice": (
        RANKING, "order: [span, both, nine, wait, wait]", "order:",
        "The order does not name every option of this item exactly once. "
        "The options are: nine, wait, span, six, both.",
    ),
    "an order with a stranger": (
        RANKING, "order: [span, both, nine, wait, seven]", "order:",
        "The order does not name every option of this item exactly once. "
        "The options are: nine, wait, span, six, both.",
    ),
    "more keyed than chosen": (
        "choose: 2", "choose: 1", "choose: 1", "'choose' is 1, but 2 options are keyed. Make the two agree.",
    ),
    "as many chosen as there are": (
        "choose: 2", "choose: 5", "choose: 5",
        "'choose' is 5, but there are only 5 options. Let the learner choose fewer than there are.",
    ),
    "a bin that is not there": (
        "bin: nobody", "bin: everybody", "bin: everybody",
        "'everybody' is not the id of a bin of this item. Known: client, team, nobody.",
    ),
    "two bins of one name": (
        "{id: nobody, label: To nobody}",
        "{id: nobody, label: To nobody}\n        - {id: team, label: Nowhere}", "{id: team, label: Nowhere}",
        "The id 'team' is used twice in this item's bins. Give each its own id.",
    ),
    "a source that is not trained": (
        "cites: [P08]\n      consequence: Both", "cites: [P22]\n      consequence: Both", "[P22]",
        "'P22' is cited here but not listed under 'trains'. Add it to 'trains', or remove it here.",
    ),
    "a clock that moves nothing": (
        "effects: {rings: 1}", "effects: {ring: 1}", "effects: {ring: 1}",
        "The effect changes 'ring', which is not a state of this scenario. Did you mean 'rings'?",
    ),
    "a clock without effects": (
        "effects: {rings: 1}", "effects: {}", "effects: {}",
        "'effects' in scenes > phone > clock has too few entries: 0. Give at least 1.",
    ),
    "a clock that races": (
        "every: 20", "every: 4", "every: 4",
        "'every' in scenes > phone > clock: input should be greater than or equal to 5, but is 4. Correct the value.",
    ),
    "a clock that never stops": (
        "most: 6", "most: 21", "most: 21",
        "'most' in scenes > phone > clock: input should be less than or equal to 20, but is 21. Correct the value.",
    ),
    "confidence that is no yes or no": (
        "      decision: sheet\n      confidence: true", "      decision: sheet\n      confidence: high",
        "confidence: high",
        "'confidence' in scenes > desk > item: input should be a valid boolean, but is 'high'. Correct the value.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_the_only_finding_and_names_its_line(whole_file, fault):
    old, new, mark, message = FAULTS[fault]
    path = whole_file((old, new))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    [finding] = caught.value.findings
    assert f"{finding.what} {finding.do}".strip() == message
    assert finding.line == first_line(path, mark)


def first_line(path: Path, mark: str) -> int:
    """The line on which `mark` begins; it stands there once."""
    text = path.read_text("utf-8")
    assert text.count(mark) == 1, f"{mark!r} stands there {text.count(mark)} times"
    return text[: text.index(mark)].count("\n") + 1


def test_a_ranking_listed_in_the_order_of_its_key_does_not_pass_the_check(whole_file, known_points):
    for order in ("[nine, wait, span, six, both]", "[both, six, span, wait, nine]"):
        path = whole_file((RANKING, f"order: {order}"))
        assert load_scenario(path).title, "it can be loaded, and played"
        _, findings = check_file(path, known_points)
        line = first_line(path, "options:\n        - id: nine")
        assert [str(finding) for finding in findings] == [
            f"{path}:{line}: The options are listed in the order of the key, and the learner sees them so. "
            "List them in another order."
        ]


def test_a_clock_in_a_scene_that_asks_nothing_is_found(edited):
    clock = "    clock: {every: 30, effects: {trust: -1}, most: 3, says: Tick.}\n"
    path = edited(("    narrative: The hall is dark.\n", f"    narrative: The hall is dark.\n{clock}"))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert str(caught.value) == (
        f"{path}:{first_line(path, clock)}: This scene has a clock, but asks nothing. "
        "Move the clock to a scene with an item, or remove it."
    )


def test_confidence_in_an_item_that_is_not_scored_is_found(whole_file):
    asks = "      confidence: true\n      prompt: What do you say?"
    path = whole_file(("      prompt: What do you say?", asks))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert str(caught.value) == (
        f"{path}:{first_line(path, asks)}: "
        "This item asks how sure the learner is, but it is not scored, so nothing can be told from it. "
        "Give the item a decision, or remove 'confidence'."
    )
