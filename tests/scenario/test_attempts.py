"""Which attempt counts."""

import pytest
from tiny_tools import BEST, HOME, RECOVERY, Played, record_of

from onsite.scenario.attempts import attempts_of, counted_attempt
from onsite.scenario.key import key_of

BROKEN: Played = (("corridor", "tell"), ("desk", "an-option-of-an-older-version"))
UNDER_WAY: Played = (("corridor", "tell"),)


@pytest.fixture
def count(tiny_scenario, tiny_story):
    """count(rule, attempt, ...): the number of the attempt that counts when the content version is 2."""
    keys = key_of(tiny_scenario)
    points = {name: float(tiny_scenario.decisions[name].points) for name in keys}

    def number(rule, *attempts):
        story = tiny_story.model_copy(update={"counts": rule, "version": 2})
        counted = counted_attempt(story, record_of(*attempts), keys, points)
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
    assert counted_attempt(best, record_of((1, HOME), (1, BEST))).number == 1


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
    found = attempts_of(tiny_story, record_of((1, BEST), (3, HOME), (3, ())))
    assert [(a.number, a.version, a.replayed.ending, len(a.replayed.path)) for a in found] == [
        (1, 1, "open", 3),
        (2, 3, "home", 1),
        (3, 3, None, 0),
    ]
