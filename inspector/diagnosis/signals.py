"""What the dictionary's entries found in an incident, and which of it decides: the innermost cause before its wrappers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from inspector.diagnosis.base import Cause, Evidence, Role, Signal

UNCONFIRMED: Final = 45
"""Most that an unconfirmed entry can say: it never decides alone."""
GUESSED: Final = 84
"""Most that a figure says where no confirmed entry says that there was a refusal."""
TIME_CAUSES: Final = frozenset({Cause.EXPIRED, Cause.CLOCK_SKEW, Cause.DELAYED_PROCESSING})
_OUTER: Final = 0.6
"""What is left of a cause that another one is nested inside of."""
_WRAPPED: Final = 0.35
"""What is left of a wrapper where something names the cause."""


def evidence_of(signal: Signal, text: str = "") -> Evidence:
    """The place that a signal matched at, as evidence."""
    event = signal.event
    return Evidence(text or signal.entry.title, event.row, event.source, event.position, signal.excerpt[:400], signal.span)


def is_about_time(signals: Iterable[Signal]) -> bool:
    """Whether what was recognised leaves time as a possible cause."""
    return any(cause in TIME_CAUSES for signal in signals for cause in signal.entry.causes)


def is_failure(signal: Signal) -> bool:
    """Whether the signal by itself says that something was refused."""
    return signal.entry.role in {Role.CAUSE, Role.WRAPPER}


def is_confirmed_failure(signals: Iterable[Signal]) -> bool:
    """Whether a confirmed entry says that something was refused; else that it was refused for its time is a guess, however exact the figure."""
    return any(is_failure(signal) and signal.entry.confirmed for signal in signals)


def has_failure(signals: Iterable[Signal]) -> bool:
    """Whether signals together say that something was refused: one that says so itself, or a sign of failure beside context that names a cause."""
    signals = list(signals)
    if any(is_failure(signal) for signal in signals):
        return True
    return any(signal.entry.role is Role.SIGN for signal in signals) and any(
        signal.entry.role is Role.CONTEXT and signal.entry.causes for signal in signals
    )


def ranked(signals: Iterable[Signal]) -> list[tuple[float, Signal]]:
    """Each signal that names causes, with how much of its weight counts here, the one that decides first."""
    signals = list(signals)
    if not has_failure(signals):
        return []
    signals = [signal for signal in signals if signal.entry.causes]
    known = {(s.event.row, s.span.start) for s in signals if s.entry.codes}
    signals = [s for s in signals if s.entry.codes or s.entry.role is not Role.WRAPPER or (s.event.row, s.span.start) not in known]
    failures = [signal for signal in signals if is_failure(signal)]
    naming = [s for s in signals if s.entry.role is not Role.WRAPPER and s.entry.confirmed and s.entry.severity != "info"]
    coded = {s.event.row for s in naming if s.entry.role is Role.CAUSE and (s.entry.codes or s.entry.fields)}
    depth = max((signal.depth for signal in naming), default=0)
    graded = []
    for signal in signals:
        if signal.entry.role is Role.WRAPPER:
            share = _WRAPPED if naming else 1.0
        elif not signal.entry.confirmed:
            share = 0.5 if failures != [signal] and (naming or any(s.entry.confirmed for s in failures)) else 1.0
        elif signal.entry.role is Role.CONTEXT and signal.event.row in coded:
            share = _OUTER
        else:
            share = 1.0 if signal.depth == depth or signal.entry.severity == "info" else _OUTER
        graded.append((share, signal))
    return sorted(
        graded, key=lambda item: (-item[0] * max(item[1].entry.causes.values()), -item[1].depth, item[1].event.row, item[1].span.start)
    )
