"""How sure somebody was against how well they did."""

import pytest

from onsite.grading.calibration import Level, calibration, in_words


def test_each_level_has_the_mean_of_its_answers_from_low_to_high():
    found = calibration([("high", 1.0), ("low", 0.0), ("high", 0.5), ("low", 0.5), ("low", 1.0)])
    assert found == [Level("not sure", 3, 0.5), Level("very sure", 2, 0.75)]


def test_without_answers_there_is_nothing_to_tell():
    assert calibration([]) == []
    assert in_words([]) == ""
    assert in_words(calibration([("middle", 1.0)])) == ""


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.2, 0.9, "Where you were very sure, you also did better."),
        (0.9, 0.2, "Where you were very sure, you did less well than where you were not sure."),
        (0.5, 0.5, "You did equally well however sure you were."),
    ],
)
def test_the_sentence_says_which_way_it_went(low, high, said):
    assert in_words(calibration([("low", low), ("high", high), ("middle", 0.0)])).startswith(said)
