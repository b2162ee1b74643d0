"""Which attempt counts."""

import pytest
from tiny_tools import BEST, HOME, RECOVERY, Played, record_of

from onsite.scenario.attempts import Edition, Editions, attempts_of, counted_attempt
from onsite.scenario.key import key_of
from onsite.scenario.load import load_scenario
from onsite.scenario.story import story_of

BROKEN: Played = (("corridor", "tell"), ("desk", "an-option-of-an-older-version"))
UNDER_WAY: Played = (("corridor", "tell"),)


@pytest.fixture
def count(tiny_scenario, tiny_story):
    """count(rule, attempt, ...): the number of the attempt that counts when the content version is 2."""
    keys = key_of(tiny_scenario)
    points = {name: float(tiny_scenario.decisions[name].points) for name in keys}

    def number(rule, *attempts):
        story = tiny_story.model_copy(update={"counts": rule, "version": 2})
        counted = counted_attempt(Editions(Edition(story, keys), points=points), record_of(*attempts))
        return None if counted is None else counted.number

    return number


@pytest.mark.parametrize("rule", ["first", "best", "last"])
def test_without_any_attempt_none_counts(count, rule):
    assert count(rule) is None


@pytest.mark.parametrize(("rule", "expected"), [("first", 1), ("best", 2), ("last", 3)])
def test_the_rule_picks_the_attempt(count, rule, expected):
    assert count(rule, (2, HOME), (2, BEST), (2, RECOVERY)) == expected


def test_of_two_equally_good_attempts_the_earlier_counts(count):
    assert count("best", (2, HOME), (2, RECOVERY), (2, RECOVERY)) == 2


def test_best_does_not_weigh_what_a_person_grades(count):
    # The note is not counted: 5 + 3 points, and the second attempt has written one.
    assert count("best", (2, RECOVERY[:2]), (2, RECOVERY)) == 1


def test_best_without_the_key_falls_back_to_the_first(tiny_story):
    best = tiny_story.model_copy(update={"counts": "best"})
    assert counted_attempt(Editions(Edition(best)), record_of((1, HOME), (1, BEST))).number == 1


@pytest.mark.parametrize(("rule", "expected"), [("first", 2), ("best", 2), ("last", 3)])
def test_an_attempt_that_a_new_version_cut_short_does_not_count_when_a_later_one_was_made(count, rule, expected):
    assert count(rule, (1, BROKEN), (2, RECOVERY), (2, HOME)) == expected


@pytest.mark.parametrize("rule", ["first", "best", "last"])
def test_an_attempt_that_a_new_version_cut_short_counts_when_it_is_the_only_one(count, rule):
    assert count(rule, (1, BROKEN)) == 1


def test_an_attempt_on_an_older_version_that_still_fits_the_story_counts(count):
    assert count("first", (1, RECOVERY), (2, BEST)) == 1


def test_an_attempt_under_way_counts_as_the_first(count):
    assert count("first", (2, UNDER_WAY), (2, BEST)) == 1


def test_an_answer_that_does_not_fit_its_own_version_is_no_excuse(count):
    # Today's story cannot have cut it short: somebody edited the record.
    assert count("first", (2, BROKEN), (2, BEST)) == 1


def test_an_attempt_with_answers_after_its_ending_was_not_cut_short(count):
    assert count("first", (1, (*HOME, *BEST)), (2, BEST)) == 1


def test_every_attempt_is_replayed_and_numbered(tiny_story):
    found = attempts_of(Editions(Edition(tiny_story)), record_of((1, BEST), (3, HOME), (3, ())))
    assert [(a.number, a.version, a.replayed.ending, len(a.replayed.path), a.edition) for a in found] == [
        (1, 1, "open", 3, 1),
        (2, 3, "home", 1, 1),
        (3, 3, None, 0, 1),
    ]


# --- several versions ----------------------------------------------------------------------------------


ON_TWO: Played = (("corridor", "push"), ("stairs", "own"), ("paper", "It cracked."))
ON_THREE: Played = (("corridor", "push"), ("landing", "own"), ("paper", "It cracked."))


@pytest.fixture
def editions(tiny_scenario, edited):
    """editions(counts, also): today's version 3, in which the stairs are a landing and pushing is worth more, and 2.

    also: versions that are graded as 2.
    """
    changes = (("  stairs:\n", "  landing:\n"), ("goto: stairs", "goto: landing"), ("version: 1\n", "version: 3\n"))
    worth_more = tuple(f"credit: {credit}\n          cites: [R02]" for credit in ("0.5", "0.75"))
    now = load_scenario(edited(*changes, worth_more))

    def make(counts="first", also=()):
        two = tiny_scenario.model_copy(update={"version": 2})
        one = Edition(story_of("locked-door", two), key_of(two))
        today = Edition(story_of("locked-door", now).model_copy(update={"counts": counts}), key_of(now))
        points = {name: float(decision.points) for name, decision in now.decisions.items()}
        return Editions(today, dict.fromkeys((2, *also), one), points)

    return make


@pytest.mark.parametrize(
    ("version", "answers", "edition", "used"),
    [
        (2, ON_TWO, 2, 3),
        (3, ON_THREE, 3, 3),
        (2, ON_THREE, 3, 3),  # begun on 2, and played on after the update
        (3, ON_TWO, 3, 1),  # today's version is what it says: nothing older is tried
        (2, (*ON_TWO[:1], ("nowhere", "x")), 2, 1),  # fits neither further than the other
        (2, (), 2, 0),
        (1, ON_THREE, 3, 3),  # not kept
        (99_999, ON_TWO, 3, 1),
        (2, HOME, 2, 1),  # what stands after an ending is no problem
    ],
)
def test_an_attempt_is_replayed_on_the_version_it_was_begun_on(editions, version, answers, edition, used):
    (found,) = attempts_of(editions(), record_of((version, answers)))
    assert (found.version, found.edition, len(found.replayed.path)) == (version, edition, used)


def test_where_it_was_decided_so_another_version_stands_in(editions):
    (found,) = attempts_of(editions(also=[1]), record_of((1, ON_TWO)))
    assert (found.version, found.edition, len(found.replayed.path)) == (1, 2, 3)


@pytest.mark.parametrize(
    ("counts", "attempts", "expected"),
    [
        ("first", ((2, ON_TWO), (3, BEST)), 1),
        ("last", ((3, BEST), (2, ON_TWO)), 2),
        ("best", ((2, RECOVERY), (3, RECOVERY[:1])), 1),  # 5 + 3 on version 2, 7.5 on version 3
        ("best", ((2, RECOVERY[:1]), (3, RECOVERY[:1])), 2),  # 5 on version 2, 7.5 on version 3
        ("best", ((3, RECOVERY[:1]), (2, BEST)), 2),
    ],
)
def test_what_counts_is_todays_rule_and_each_total_is_by_its_own_key(editions, counts, attempts, expected):
    assert counted_attempt(editions(counts), record_of(*attempts)).number == expected


def test_what_does_not_fit_its_own_kept_version_is_no_excuse(editions):
    broken = (*ON_TWO[:1], ("nowhere", "x"))
    assert counted_attempt(editions(), record_of((2, broken), (3, BEST))).number == 1
    assert counted_attempt(editions(), record_of((1, broken), (3, BEST))).number == 2


def test_regraded_answers_that_the_other_version_cuts_short_do_not_count_beside_whole_ones(editions):
    assert counted_attempt(editions(also=[1]), record_of((1, (("corridor", "x"),)), (3, BEST))).number == 2
