"""Which hand-in counts when several came from one learner in one scenario."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from onsite.grading.inbox import HandIn, Passed


def by_learner(
    hand_ins: Iterable[HandIn], *, latest: bool = False, graded: Mapping[tuple[str, str], str] | None = None
) -> Iterator[tuple[HandIn, list[Passed]]]:
    """For each learner and scenario the hand-in that counts, and the others that do not.

    The record that came first counts, in its longest state: handing in again after playing on adds to
    it, but nobody can replace it by a different record in the same name. With `latest` (one person on
    their own machine, or a roster that says who is who) the record that came last counts. Of equal dates, as unpacking
    leaves them, the times in the records decide: nobody gains by changing those, who may hand in anew anyway.

    graded: the hash of what has been graded, by learner and scenario. Unless the latest counts, that is the first,
    whatever date another bears that came into the inbox since.
    """
    groups: dict[tuple[str, str], list[HandIn]] = {}
    for hand_in in hand_ins:
        groups.setdefault((hand_in.learner_id, hand_in.scenario), []).append(hand_in)
    for group in groups.values():
        if len(group) == 1:
            yield group[0], []
            continue
        first = None if latest else (graded or {}).get((group[0].learner_id, group[0].scenario))
        at = group[-1 if latest else 0].at
        tied = sorted((one for one in group if one.at == at), key=lambda one: (one.played, one.path.name))
        begun = next((one for one in group if one.digest == first), tied[-1 if latest else 0])
        counts, others = _counting(group, begun)
        yield counts, [Passed(one, counts, _why(one, begun, latest)) for one in others]


def _counting(group: Sequence[HandIn], begun: HandIn) -> tuple[HandIn, list[HandIn]]:
    """The longest state of the record in `begun`, and the hand-ins of the group that are no states of it."""
    # Never more than two at a time: they may be large, and many.
    counts, longest = begun, begun.record
    for hand_in in group:
        if hand_in.record_id == begun.record_id and (record := hand_in.record).continues(longest):
            counts, longest = hand_in, record
    others = [
        hand_in for hand_in in group if hand_in.record_id != begun.record_id or not longest.continues(hand_in.record)
    ]
    return counts, others


def _why(other: HandIn, begun: HandIn, latest: bool) -> str:
    """Why the record that is begun with counts, and another does not."""
    if not latest and (other.at, other.played) < (begun.at, begun.played):
        return "was graded first in the same name"
    if other.at != begun.at:
        return "came later" if latest else "came first in the same name"
    if other.played != begun.played:
        return f"has the same date and was played {'later' if latest else 'earlier'} by the times in it"
    which = "last" if latest else "first"
    return f"has the same date, and nothing tells which came {which}: ask which one is meant"
