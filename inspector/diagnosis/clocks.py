"""How far hosts' clocks are off, estimated over many messages: constant offset, whole hours, long tail, drift."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from inspector.clock import in_words, offset_text, quarter_shape
from inspector.diagnosis.base import HostClock, Known
from inspector.timeline.model import ClockSample, UsualArrival

Seconds = npt.NDArray[np.float64]

_FEW: Final = 3
_MANY: Final = 20
_BELONGS: Final = timedelta(hours=15)
"""Further apart than that, the message is not about the moment at which it was logged."""
_CONSTANT: Final = 5.0
_DRIFT: Final = 30.0
_SAMPLES: Final = 60
"""Stretches of time that the differences are told by, at most."""
_SAMPLE: Final = 5
"""Messages to a stretch, on the average, at least."""


class Clocks:
    """One reading for each host that logged requests with a time stamp of somebody else's clock. A fault reply's stamp is the host's own and says nothing."""

    name = "clocks"

    def review(self, known: Known) -> Sequence[HostClock]:
        return host_clocks(known)


def host_clocks(known: Known) -> tuple[HostClock, ...]:
    """The clock of each host, as far as requests show it."""
    stamps = known.marks.stamps
    if stamps is None:
        return ()
    clocks = []
    for (host,), events in stamps.group_by("computer", maintain_order=True):
        moments = events["time"].to_numpy().astype(np.float64) / 1e6
        apart = moments - events["created"].to_numpy().astype(np.float64) / 1e6
        near = np.abs(apart) <= _BELONGS.total_seconds()
        if near.any():
            clocks.append(_reading(str(host) or "(host not named)", moments[near], apart[near]))
    return tuple(clocks)


def _reading(host: str, moments: Seconds, apart: Seconds) -> HostClock:
    """The clock of one host out of (event time - Created of the request): offset plus delay, of which the smallest delays show the offset."""
    count = len(apart)
    middle = float(np.median(apart))
    low, high = (float(value) for value in np.percentile(apart, (10, 90)))
    offset = timedelta(seconds=round(middle if high - low <= _CONSTANT else low, 3))
    drift = _drift(moments, apart)
    whole = quarter_shape(offset, timedelta(minutes=2))
    if drift is not None:
        words = f"drifts by {in_words(timedelta(seconds=abs(drift)))} a day: its time service does not work"
    elif count < _FEW:
        words = "too few events to tell a clock from a delay"
    elif whole is not None:
        words = f"off by {offset_text(whole)} and {in_words(abs(offset - whole))}: the shape of a zone or of daylight saving"
    elif abs(middle) >= 1 and high - low <= min(_CONSTANT, abs(middle)):
        words = "constant: a clock difference"
    elif high - middle > max(_CONSTANT, 4 * (middle - low)):
        words = (
            f"most are close together, one in ten is later than {in_words(timedelta(seconds=round(high, 1)))}: delay rather than a clock"
        )
    else:
        words = "no constant difference"
    usual = UsualArrival(host, count, _span(low), _span(middle), _span(high), words, _samples(moments, apart))
    return HostClock(host, offset, f"{words}; from {count} request(s), event time against Created", count, usual)


def _samples(moments: Seconds, apart: Seconds) -> tuple[ClockSample, ...]:
    """The differences over time: equal stretches, each with the middle and the bounds of eight in ten."""
    first, last = float(moments.min()), float(moments.max())
    stretches = min(_SAMPLES, len(apart) // _SAMPLE)
    if stretches < 2 or last <= first:
        return ()
    edges = np.linspace(first, last, stretches + 1)
    numbers = np.clip(np.searchsorted(edges, moments, side="right") - 1, 0, stretches - 1)
    found = []
    for number in np.unique(numbers):
        here = apart[numbers == number]
        low, middle, high = (_span(float(value)) for value in np.percentile(here, (10, 50, 90)))
        time = datetime.fromtimestamp(float(edges[number] + edges[number + 1]) / 2, UTC)
        found.append(ClockSample(time, low, middle, high, len(here)))
    return tuple(found)


def _span(seconds: float) -> timedelta:
    return timedelta(seconds=round(seconds, 3))


def _drift(moments: Seconds, apart: Seconds) -> float | None:
    """Seconds a day by which a difference grows steadily; None where it does not."""
    if len(apart) < _MANY:
        return None
    days = (moments - moments[0]) / 86_400
    if float(np.ptp(days)) < 1 / 24:
        return None
    slope, start = (float(value) for value in np.polyfit(days, apart, 1))
    left = float(np.std(apart - (slope * days + start)))
    grown = abs(slope) * float(np.ptp(days))
    return slope if grown > _DRIFT and grown > 4 * left else None
