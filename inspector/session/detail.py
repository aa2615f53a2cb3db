"""Looking into one event: its text taken apart, its time explained, its windows on a timeline, the whole in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inspector import payloads, timeline
from inspector.clock import Tolerance, offset_text, tolerance_of
from inspector.diagnosis.arithmetic import Figures, figures_of
from inspector.diagnosis.base import EventText, Finding, Signal
from inspector.diagnosis.dictionary import Dictionary
from inspector.diagnosis.signals import is_about_time, ranked
from inspector.events import TimeBasis, Zone, ZoneBasis
from inspector.payloads.base import Contents
from inspector.timeline import Timeline
from inspector.tokens.base import Span, Token, Trust, ValidityWindow


@dataclass(frozen=True, slots=True)
class Looked:
    """What an event's text holds, and its windows as they are drawn."""

    contents: Contents
    timeline: Timeline | None
    recognised: str
    """What the strongest code or text in it means; empty when none is known."""


@dataclass(frozen=True, slots=True)
class _Printed:
    """A window that the message prints in words and figures, and how the stack that printed it judges."""

    window: ValidityWindow
    tolerance: Tolerance


def look_into(event: EventText, time_note: str, dictionary: Dictionary, trust: Trust, at: datetime | None) -> Looked:
    """Take one event apart. Never raises for what its text holds: the kinds' failures are among the contents' problems."""
    contents = payloads.inspect(event.message, trust, at or event.time)
    signals = [signal for _, signal in ranked(dictionary.find(event))]
    figures = [(signal, found) for signal in signals if (found := figures_of(signal)) is not None]
    printed = [one for signal, found in figures if (one := _printed(signal, found, trust.skew)) is not None]
    carried = [window for token in contents.tokens for window in _windows(token)]
    windows = [*(one.window for one in printed if not any(_says_the_same(one.window, window) for window in carried)), *carried]
    now = next((found.now for _, found in figures if found.now is not None and found.now_words.startswith("the current time")), None)
    stack = next((signal.entry.stack for signal in signals if signal.entry.stack), "")
    by_window = {one.window: one.tolerance for one in printed}
    by_window |= {window: one.tolerance for one in printed for window in carried if _says_the_same(one.window, window)}
    customary, strict = tolerance_of(stack, trust.skew), tolerance_of("X.509", trust.skew)
    drawn = None
    if windows or now is not None:
        drawn = timeline.build(
            windows,
            event.time,
            time_note=time_note,
            host=event.computer,
            printed_now=now,
            at=at,
            refused=is_about_time(signals),
            tolerance_for=lambda window: by_window.get(window, strict if window.kind == "certificate" else customary),
        )
    return Looked(contents, drawn, signals[0].entry.title if signals else "")


def _printed(signal: Signal, figures: Figures, skew: timedelta | None) -> _Printed | None:
    if figures.not_before is None and figures.not_after is None:
        return None
    default = tolerance_of(signal.entry.stack, skew)
    allowed = figures.allowed if skew is None else None
    tolerance = (
        default if allowed is None else Tolerance(default.stack, allowed, allowed, "printed in the message", lifetime=default.lifetime)
    )
    window = ValidityWindow(
        "printed validity",
        figures.not_before,
        figures.not_after,
        _name(signal, "not_before"),
        _name(signal, "not_after"),
        not_before_span=_place(signal, "not_before"),
        not_after_span=_place(signal, "not_after"),
    )
    return _Printed(window, tolerance)


def _name(signal: Signal, group: str) -> str:
    return {"not_before": "valid from", "not_after": "valid to"}[group] if group in signal.groups else ""


def _place(signal: Signal, group: str) -> Span | None:
    """Where a captured figure stands in the event's text."""
    text = signal.groups.get(group, "")
    at = signal.event.message.find(text, signal.span.start) if text else -1
    return Span(at, at + len(text)) if at >= 0 else None


def _says_the_same(printed: ValidityWindow, carried: ValidityWindow) -> bool:
    """Whether a window that the message prints is one that a token in it carries: prints leave out parts of a second."""
    if carried.belongs_to != "message":
        return False
    bounds = ((printed.not_before, carried.not_before), (printed.not_after, carried.not_after))
    return all(one is None or (other is not None and abs(one - other) < timedelta(seconds=1)) for one, other in bounds)


def _windows(token: Token) -> list[ValidityWindow]:
    return [*token.windows, *(window for inner in token.inner for window in _windows(inner))]


def time_note(time: datetime | None, basis: TimeBasis, zone: Zone) -> str:
    """How an event's time is known, in words."""
    if time is None or basis is TimeBasis.NONE:
        return "the log states no time"
    if basis is TimeBasis.UTC:
        return "stated as UTC"
    wall = (time + zone.offset).strftime("%H:%M:%S")
    doubt = "; day and month could be the other way round" if basis is TimeBasis.LOCAL_AMBIGUOUS else ""
    words = {ZoneBasis.USER: "set by you", ZoneBasis.INFERRED: "inferred", ZoneBasis.STATED: "stated", ZoneBasis.ASSUMED: "assumed"}[
        zone.basis
    ]
    because = f" ({zone.evidence})" if zone.evidence else ""
    return f"{wall} local; {offset_text(zone.offset)} {words}{because}{doubt}"


def summary(finding: Finding | None, looked: Looked, line: str) -> str:
    """One sentence: what happened and how sure that is. ``line``: the message's first line."""
    if finding is not None:
        return f"{finding.title.rstrip('.')} ({finding.confidence.value} confidence)."
    if looked.recognised:
        return f"{looked.recognised.rstrip('.')}."
    if looked.timeline is not None:
        return looked.timeline.summary
    return _carried(looked.contents.tokens) or line


def _carried(tokens: Sequence[Token]) -> str:
    if not tokens:
        return ""
    more = f" and {len(tokens) - 1} more" if len(tokens) > 1 else ""
    return f"No failure recognised; the event carries {tokens[0].title}{more}."
