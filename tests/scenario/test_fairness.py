"""Give-aways: each fires on a scenario that has it, and not on one that does not."""

from itertools import product
from math import comb, prod

import pytest
from tiny_tools import line_of

from onsite.scenario.chance import overlap, tail
from onsite.scenario.check import check_file, check_story
from onsite.scenario.fairness import Placed, alike, count_longest, count_places, fairness_warnings, never_better
from onsite.scenario.graph import explore
from onsite.scenario.items.choice import Option
from onsite.scenario.load import load_scenario
from onsite.scenario.phrases import Phrases
from onsite.scenario.wording import ABSOLUTE, POLITE


def option(text: str, credit: float, number: int = 0) -> Option:
    return Option(id=f"o{number}", text=text, consequence="c", coaching="c", cites=("P06",), credit=credit)


def item(*credits: float, longest: int | None = None, scene: str = "s") -> Placed:
    texts = ["short" + ("er" * 5 if number == longest else "") for number in range(len(credits))]
    return Placed(
        scene, tuple(option(text, credit, n) for n, (text, credit) in enumerate(zip(texts, credits, strict=True)))
    )


def warnings(path, known_points) -> list[str]:
    checked = check_story(path, known_points, explore)
    assert checked.findings == []
    found = fairness_warnings(checked.source, checked.scenario, checked.graph)
    return [str(finding) for finding in sorted(found, key=lambda finding: finding.line or 0)]


# --- chance ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chances", [[], [0.25] * 6, [0.5, 0.2, 1 / 3, 1.0, 0.0]])
def test_the_tail_agrees_with_every_outcome_added_up(chances):
    for hits in range(len(chances) + 2):
        slow = sum(
            prod(p if hit else 1 - p for hit, p in zip(outcome, chances, strict=True))
            for outcome in product([0, 1], repeat=len(chances))
            if sum(outcome) >= hits
        )
        assert tail(chances, hits) == pytest.approx(slow)


def test_the_tail_of_equal_chances_is_the_binomial_one():
    assert tail([0.25] * 10, 6) == pytest.approx(sum(comb(10, k) * 0.25**k * 0.75 ** (10 - k) for k in range(6, 11)))


def test_an_overlap_of_single_options_is_one_over_their_number():
    assert overlap(4, 1, 1) == pytest.approx(1 / 4)
    assert overlap(4, 2, 1) == pytest.approx(1 / 2)
    assert overlap(4, 2, 3) == 1


# --- the longest, and the same place ------------------------------------------------------------------


def test_best_options_that_are_always_longest_are_more_than_chance():
    count = count_longest([item(0, 1, 0, longest=1)] * 3)
    assert count.p == pytest.approx(1 / 27)
    assert (count.unfair, count.mute, len(count.hits), count.of) == (True, False, 3, 3)


def test_best_options_that_are_longest_as_often_as_chance_has_it_are_fair():
    count = count_longest([item(0, 1, 0, longest=1), item(0, 1, 0, longest=0), item(1, 0, 0, longest=1)])
    assert (len(count.hits), count.unfair) == (1, False)
    assert count.expected == pytest.approx(1)


def test_two_items_are_too_few_to_tell():
    count = count_longest([item(0, 1, 0, longest=1)] * 2)
    assert (count.unfair, count.mute) == (False, True)


def test_options_of_one_length_show_nothing():
    assert count_longest([item(0, 1, 0)] * 9).of == 0


def test_best_options_that_always_stand_in_one_place_are_more_than_chance():
    counts = count_places([item(0, 1, 0)] * 4)
    assert {place for place, count in counts.items() if count.unfair} == {"second"}
    assert counts["second"].p == pytest.approx(1 / 81)
    # Three places are tested, so each at a third of 5 %: 1 in 81 counts, and three items never could.
    assert counts["second"].level == pytest.approx(0.05 / 3)
    assert count_places([item(0, 1, 0)] * 3)["second"].mute


def test_best_options_that_stand_last_among_differently_many_are_more_than_chance():
    counts = count_places([item(0, 0, 1), item(0, 0, 0, 1), item(0, 0, 0, 0, 1), item(0, 0, 0, 1)])
    assert {place for place, count in counts.items() if count.unfair} == {"last"}


def test_best_options_spread_over_the_places_are_fair():
    items = [item(1, 0, 0), item(0, 1, 0), item(0, 0, 1), item(1, 0, 0), item(0, 1, 0), item(0, 0, 1)]
    assert not any(count.unfair for count in count_places(items).values())


def copies(path, count: int, *, long: bool) -> None:
    """Give the small scenario more scored choices in a row, their best options last, and longest if `long`."""
    text = path.read_text("utf-8")
    decisions, scenes = "", ""
    for n in range(count):
        strong = "Say it, and say as well what it means for her." if long else "Say."
        decisions += f"  more{n}: {{title: More, points: 1}}\n"
        scenes += f"""  more{n}:
    narrative: On.
    item:
      kind: choice
      decision: more{n}
      prompt: And?
      options:
        - {{id: a, text: Wait here., consequence: One {n}., coaching: Un {n}., credit: 0, cites: [P06]}}
        - {{id: b, text: Go there., consequence: Two {n}., coaching: Deux {n}., credit: 0, cites: [P06]}}
        - {{id: c, text: "{strong}", consequence: Three {n}., coaching: Trois {n}., credit: 1, cites: [P06]}}
    next: {f"more{n + 1}" if n + 1 < count else "corridor"}
"""
    text = text.replace("start: corridor\n", f"{decisions}start: more0\n").replace("endings:\n", f"{scenes}endings:\n")
    path.write_text(text, "utf-8")


def test_the_author_is_told_of_both_with_the_line_of_the_first_item(edited, known_points):
    path = edited()
    copies(path, 6, long=True)
    told = warnings(path, known_points)
    assert len(told) == 2
    line = line_of(path, "stops you on the stairs") + 5
    assert told[0].startswith(f"{path}:{line}: Warning: The best option is the longest in 8 of 9 items, where chance ")
    assert "stairs, desk, more0, more1" in told[0]
    assert told[0].endswith("Shorten the best options, or give the others their reasons.")
    line = line_of(path, "decision: more0") + 2
    assert told[1].startswith(f"{path}:{line}: Warning: The best option stands third in 6 of 7 items")
    assert check_file(path, known_points)[1] == [], "a warning does not stop the build"


def test_short_best_options_do_not_fire_the_first(edited, known_points):
    path = edited()
    copies(path, 6, long=False)
    assert [told for told in warnings(path, known_points) if "longest" in told] == []


# --- options for nobody ------------------------------------------------------------------------------


def test_a_worst_option_in_absolute_words_is_found(edited, known_points):
    path = edited(("text: Go and look for the caretaker.", "text: Ignore her and go."))
    assert warnings(path, known_points) == [
        f"{path}:{line_of(path, 'Ignore her')}: Warning: Hardly anybody would take 'leave': it says 'Ignore', and in "
        "no state is it worth more than another option. Give it the reason that somebody sensible would have, or take "
        "it out."
    ]


def test_absolute_words_in_an_option_that_is_worth_something_are_fine(edited, known_points):
    path = edited(("text: Push harder and hope.", "text: Never mind; push harder."))
    assert warnings(path, known_points) == []


def test_an_option_that_is_better_in_one_state_is_not_worst(edited):
    # On trust of 60 and more "ten" stands beside "range"; below, beside an option worth less than itself.
    path = edited(
        ("next: [{when: told == 1, goto: desk}, {goto: stairs}]", "next: desk"),
        (
            "        - id: range\n",
            "        - {id: hum, text: Hum, when: trust < 60, consequence: H, coaching: Hm, credit: 0, cites: [P06]}\n"
            "        - id: range\n",
        ),
        ("        - id: shrug\n", "        - id: shrug\n          when: told == 1\n"),
    )
    assert never_better(explore(load_scenario(path)))["desk"] == {"hum"}


def test_worth_counts_what_can_follow(edited):
    # At the door `leave` now earns more than `push`, but it ends the story there.
    path = edited(("credit: 0\n          cites: [P01]", "credit: 0.6\n          cites: [P01]"))
    assert never_better(explore(load_scenario(path))) == {"corridor": {"leave"}, "desk": {"ten"}, "stairs": {"shrug"}}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I never do that.", ["never"]),
        ("Nevertheless, go on.", []),
        ("Restart it immediately, without telling anybody.", ["immediately, without"]),
        ("Restart it immediately. Without a list you are lost.", []),
        ("REFUSE", ["REFUSE"]),
        ("Tell her at once.", []),
    ],
)
def test_phrases_are_found_as_whole_words_within_a_sentence(text, found):
    assert Phrases(ABSOLUTE).in_text(text) == found


def test_word_lists_hold_no_entry_twice():
    for words in (ABSOLUTE, POLITE):
        assert len(set(words)) == len(words)
        assert all(word == word.lower() for word in words)


# --- the same feedback --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("coaching: It opened, and she saw how.", "coaching: She can plan AROUND what she knows!", "the same coaching"),
        ("consequence: It gives, with a crack.", "consequence: she nods", "the same consequence"),
    ],
)
def test_two_options_with_the_same_feedback_are_found(edited, known_points, old, new, what):
    path = edited((old, new))
    assert warnings(path, known_points) == [
        f"{path}:{line_of(path, new)}: Warning: 'tell' and 'push' have {what}. Say what is particular to each."
    ]


def test_nearly_the_same_feedback_is_found():
    told = "you told her in time and she could plan her day around what you knew by then already"
    one = tuple(told.split())
    assert alike(one, (*one[:-1], "indeed"))
    assert not alike(one, ("she", "saw", "how", "it", "opened"))
    assert not alike(one, tuple(reversed(one)))


def test_the_same_feedback_in_different_scenes_is_fine(edited, known_points):
    path = edited(("coaching: Late, but said.", "coaching: She can plan around what she knows."))
    assert warnings(path, known_points) == []
