"""Work is cut so that processes stay with one kind of it while there is much, and finish together."""

from hypothesis import given
from hypothesis import strategies as st

from onsite.grading.hands import portion


def portions(left: int, workers: int) -> list[int]:
    found = []
    while left > 0:
        found.append(min(left, portion(left, workers, least=50, most=1000)))
        left -= found[-1]
    return found


@given(st.integers(1, 50_000), st.integers(2, 16))
def test_portions_shrink_towards_the_end_and_leave_nothing(left, workers):
    found = portions(left, workers)
    assert sum(found) == left
    assert found == sorted(found, reverse=True)
    assert all(part <= max(50, left // workers) for part in found), "nobody is left without work by one large portion"


def test_one_process_shows_how_far_it_has_come():
    assert set(portions(5_000, 1)) == {50}


def test_the_first_portions_of_a_cohort_are_whole_scenarios():
    assert portions(15_000, 2)[:8] == [1000] * 8
