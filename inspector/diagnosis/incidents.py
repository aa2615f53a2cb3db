"""Which events belong to one refusal: the same second and host, neighbours in the log, one activity, request and reply."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from inspector.diagnosis.base import Cause, EventText, Role, Signal
from inspector.diagnosis.signals import has_failure, ranked

Rows = npt.NDArray[np.uint32]

_TIME_FAMILY: Final = frozenset({Cause.EXPIRED, Cause.CLOCK_SKEW, Cause.DELAYED_PROCESSING})
_NEAR: Final = 3
"""Rows of one source that may stand between two parts of one failure."""
_SECOND: Final = 1_000_000
_OFTEN: Final = 0.5
"""Share of the rarer shape's events that must have one of the other beside them."""
MOST_ROWS: Final = 200_000
"""Events of one shape whose neighbours are looked at, to know what belongs together."""
_CROWD: Final = 12


@dataclass(slots=True)
class Group:
    """The events of one shape that were judged alike."""

    rows: Rows
    event: EventText
    """The event that stands for all."""
    signals: tuple[Signal, ...]
    related: frozenset[str] = field(default_factory=frozenset)
    """Message, correlation and trace ids that the event states."""

    @property
    def failed(self) -> bool:
        """Whether its signals alone say that something was refused."""
        return has_failure(self.signals)

    @property
    def names_cause(self) -> bool:
        """Whether it names a cause, beyond wrapping one."""
        return any(
            s.entry.role in {Role.CAUSE, Role.CONTEXT} and s.entry.causes and s.entry.confirmed and s.entry.severity != "info"
            for s in self.signals
        )

    @property
    def main_cause(self) -> Cause | None:
        """The cause that its codes name first."""
        order = ranked(self.signals)
        if not order:
            return None
        causes = order[0][1].entry.causes
        return max(causes, key=lambda cause: causes[cause])


@dataclass(frozen=True, slots=True)
class Places:
    """Where and when events are, as columns: one value a row of ``rows``."""

    rows: Rows
    source: npt.NDArray[np.integer]
    time: npt.NDArray[np.int64]
    """Microseconds UTC; ``NO_TIME`` where there is none."""
    host: npt.NDArray[np.integer]
    """A number for each host; 0 where the log names none."""
    activity: npt.NDArray[np.integer]
    """A number for each activity id; 0 where there is none."""
    no_time: int

    def at(self, rows: Rows) -> npt.NDArray[np.intp]:
        """Places of the given rows."""
        return np.searchsorted(self.rows, rows)


def _links(groups: Sequence[Group], places: Places) -> tuple[Counter[tuple[int, int]], set[tuple[int, int]]]:
    """How often events of two groups stand beside each other, and which pairs are tied by an id."""
    owner = np.concatenate([np.full(min(len(group.rows), MOST_ROWS), number, np.int64) for number, group in enumerate(groups)])
    rows = np.concatenate([group.rows[:MOST_ROWS] for group in groups])
    order = np.argsort(rows, kind="stable")
    owner, at = owner[order], places.at(rows[order])
    source, time, host, activity = places.source[at], places.time[at], places.host[at], places.activity[at]
    position = rows[order].astype(np.int64)
    beside: Counter[tuple[int, int]] = Counter()
    tied: set[tuple[int, int]] = set()
    for step in (1, 2, 3):
        if len(owner) <= step:
            break
        known = (time[step:] != places.no_time) & (time[:-step] != places.no_time)
        close = (source[step:] == source[:-step]) & (position[step:] - position[:-step] <= _NEAR) & (owner[step:] != owner[:-step])
        close &= ~known | (np.abs(time[step:] - time[:-step]) <= _SECOND)
        for left, right in zip(owner[:-step][close], owner[step:][close], strict=True):
            beside[min(left, right), max(left, right)] += 1
    for keys, tie in ((_seconds(time, host, places.no_time), False), (activity, True)):
        for members in _same(keys, owner):
            for left in members:
                for right in members:
                    if left < right:
                        if tie:
                            tied.add((left, right))
                        else:
                            beside[left, right] += 1
    return beside, tied


def _seconds(time: npt.NDArray[np.int64], host: npt.NDArray[np.integer], no_time: int) -> npt.NDArray[np.int64]:
    return np.where((time == no_time) | (host == 0), 0, time // _SECOND * 65_537 + host)


def _same(keys: npt.NDArray[np.integer], owner: npt.NDArray[np.int64]) -> Iterable[list[int]]:
    """The distinct groups that share a key, where there are at least two and no crowd."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    cuts = np.flatnonzero(np.diff(ordered)) + 1
    for part in np.split(order, cuts):
        if len(part) > 1 and keys[part[0]] != 0:
            members = sorted({int(number) for number in owner[part]})
            if 1 < len(members) <= _CROWD:
                yield members


def _fit(left: Group, right: Group) -> bool:
    """Whether two groups can be parts of one failure: one of them leaves the cause open, or both name the same."""
    if not (left.failed or right.failed) and not has_failure((*left.signals, *right.signals)):
        return False
    if not left.names_cause or not right.names_cause:
        return True
    causes = {left.main_cause, right.main_cause}
    return len(causes) == 1 or causes <= _TIME_FAMILY or None in causes


def gather(groups: Sequence[Group], places: Places) -> list[list[Group]]:
    """Groups that belong to one refusal, together."""
    if not groups:
        return []
    beside, tied = _links(groups, places)
    by_id: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        for one in group.related:
            by_id[one].append(number)
    for numbers in by_id.values():
        tied.update((left, right) for left in numbers for right in numbers if left < right)
    parent = list(range(len(groups)))

    def top(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    pairs = [pair for pair, count in beside.items() if count >= _OFTEN * min(len(groups[pair[0]].rows), len(groups[pair[1]].rows))]
    for left, right in sorted({*pairs, *tied}):
        if _fit(groups[left], groups[right]):
            parent[top(left)] = top(right)
    sets: Mapping[int, list[Group]] = defaultdict(list)
    for number, group in enumerate(groups):
        sets[top(number)].append(group)
    return list(sets.values())
