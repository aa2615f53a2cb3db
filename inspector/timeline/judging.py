"""How each validity window stands to the moment at which it was judged, with the judging stack's tolerance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from inspector.clock import CUSTOMARY, Tolerance, in_words
from inspector.timeline.model import FAULT_REPLY, Instant, Lane, Verdict
from inspector.tokens.base import ValidityWindow

_ZERO: Final = timedelta(0)
_STATED: Final = frozenset({"printed in the message", "set by the user"})
"""Sources of a tolerance that is no default."""
_KINDS: Final = ("message", "token", "session", "authentication", "certificate")


def lanes_of(
    windows: Sequence[ValidityWindow], moment: datetime | None, tolerance_for: Callable[[ValidityWindow], Tolerance]
) -> tuple[tuple[Lane, ...], tuple[Instant, ...]]:
    """A lane for each window that states anything, and the sign-ins beside them, which are moments and no windows."""
    return _without_sign_ins(tuple(_lane(window, moment, tolerance_for(window)) for window in _in_order(windows)))


def is_creation(window: ValidityWindow) -> bool:
    """Whether a window's start is the moment at which it was made."""
    return window.not_before_name in {"Created", "iat", "IssueInstant"}


def _in_order(windows: Sequence[ValidityWindow]) -> list[ValidityWindow]:
    """Messages before tokens before certificates, each window once, what states nothing left out."""
    stated = [window for window in windows if window.not_before is not None or window.not_after is not None]
    unique: dict[tuple[object, ...], ValidityWindow] = {}
    for window in stated:
        unique.setdefault((window.label, window.not_before, window.not_after, window.kind, window.belongs_to), window)
    return sorted(unique.values(), key=lambda window: _KINDS.index(window.kind) if window.kind in _KINDS else len(_KINDS))


def _without_sign_ins(lanes: tuple[Lane, ...]) -> tuple[tuple[Lane, ...], tuple[Instant, ...]]:
    """A sign-in states when, not until when: beside real windows it is a moment, unless it lies in the future."""
    moments = [lane for lane in lanes if lane.window.kind == "authentication" and lane.end is None and lane.violates == ""]
    others = tuple(lane for lane in lanes if lane not in moments)
    if not others:
        return lanes, ()
    return others, tuple(
        Instant(lane.window.label, lane.window.not_before, "signed_in") for lane in moments if lane.window.not_before is not None
    )


def _lane(window: ValidityWindow, moment: datetime | None, tolerance: Tolerance) -> Lane:
    effective_end = None
    if window.kind == "message" and window.not_after is None and window.not_before is not None and tolerance.lifetime is not None:
        effective_end = _after(window.not_before, tolerance.lifetime)

    def lane(verdict: Verdict, delta: timedelta, words: str, violates: str = "") -> Lane:
        default = tolerance.source not in _STATED
        return Lane(window, tolerance.late, verdict, delta, words, tolerance.early, tolerance.stack, effective_end, default, violates)

    if window.belongs_to == FAULT_REPLY:
        return lane(Verdict.NOT_JUDGED, _ZERO, "the fault reply's own: says nothing about the refused request")
    if moment is None:
        return lane(Verdict.NOT_JUDGED, _ZERO, "no moment is known at which it was judged")
    start, end = window.not_before, window.not_after or effective_end
    if start is not None and end is not None and end <= start:
        return lane(
            Verdict.NOT_JUDGED,
            _ZERO,
            f"ends {in_words(start - end)} before it starts: malformed" if end < start else "ends when it starts: malformed",
        )
    if end is not None and moment >= end:
        late = moment - end
        words = (
            f"{in_words(late)} after {_end_words(window, effective_end)}"
            if late
            else f"at the very moment of {_end_words(window, effective_end)}"
        )
        if late < tolerance.late:
            return lane(Verdict.WITHIN_SKEW, late, f"{words}, within the {_allowed(tolerance, tolerance.late)}", "end")
        return lane(Verdict.TOO_LATE, late, f"{words}, {_beyond(tolerance, tolerance.late)}", "end")
    if start is not None and moment < start:
        early = start - moment
        words = f"{in_words(early)} before {_start_words(window)}"
        if early <= tolerance.early:
            return lane(Verdict.WITHIN_SKEW, early, f"{words}, within the {_allowed(tolerance, tolerance.early)}", "start")
        return lane(Verdict.TOO_EARLY, early, f"{words}, {_beyond(tolerance, tolerance.early)}", "start")
    age = f"{in_words(moment - start)} after {_start_words(window)}" if start is not None else ""
    if end is None:
        return lane(Verdict.OPEN, _ZERO, ", ".join(part for part in (age, "no expiry stated") if part))
    left = f"{in_words(end - moment)} left"
    return lane(Verdict.IN_TIME, _ZERO, f"{age}, {left}" if age else left)


def _after(time: datetime, step: timedelta) -> datetime:
    """Later by a step, or the calendar's end."""
    return time + step if datetime.max.replace(tzinfo=UTC) - time > step else datetime.max.replace(tzinfo=UTC)


def _end_words(window: ValidityWindow, effective_end: datetime | None) -> str:
    return "the longest age that the receiver accepts" if effective_end is not None and window.not_after is None else "expiry"


def _start_words(window: ValidityWindow) -> str:
    return "its creation" if is_creation(window) else "its start"


def _allowed(tolerance: Tolerance, size: timedelta) -> str:
    return f"{in_words(size)} {'usually ' if tolerance.stack == CUSTOMARY.stack else ''}allowed"


def _beyond(tolerance: Tolerance, size: timedelta) -> str:
    if not size:
        return f"{tolerance.stack} allows no difference" if tolerance.stack != CUSTOMARY.stack else "no difference allowed"
    return f"beyond the {_allowed(tolerance, size)}"
