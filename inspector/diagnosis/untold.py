"""Errors in which nothing speaks of tokens, though the one they carry did not hold at their own moment: arithmetic finds them, no wording."""

from __future__ import annotations

from typing import Final

import numpy as np

from inspector.clock import tolerance_of
from inspector.diagnosis.base import Cause, Circumstances, Entry, EventText, Role, Severity, Signal
from inspector.diagnosis.contents import judged_windows
from inspector.diagnosis.conversations import related_ids
from inspector.diagnosis.event_reader import EventReader, Rows, spread
from inspector.diagnosis.incidents import Group
from inspector.diagnosis.limits import Limits
from inspector.diagnosis.shapes import Shape
from inspector.events import Level
from inspector.tokens.base import Span

UNTOLD: Final = Entry(
    id="untold-window",
    title="An error carries a token outside its validity",
    meaning="nothing in the event says why it failed, but what it carries did not hold at that moment",
    causes={Cause.EXPIRED: 40, Cause.CLOCK_SKEW: 40},
    role=Role.WRAPPER,
    severity=Severity.WARNING,
    confirmed=False,
    source="arithmetic on the windows of WS-Security 1.0 section 10, SAML 2.0 core 2.5.1 and RFC 7519 4.1.4 and 4.1.5",
    origin=__name__,
)
"""That the error and the window have to do with each other is likely, not said: it never decides alone, and is a warning at most."""
FIRST_ROWS: Final = 20
"""Errors of one shape, spread over all of them, whose tokens are judged…"""
MOST_ROWS: Final = 2_000
"""…and this many where one of those did not hold."""
_ERRORS: Final = (int(Level.CRITICAL), int(Level.ERROR))


def does_not_hold(event: EventText, circumstances: Circumstances) -> Span | None:
    """Where the first token or time stamp stands that did not hold at the event's moment, by the tolerance that is customary; None where all did."""
    now = circumstances.at or event.time
    if event.contents is None or now is None or (not event.zone_known and circumstances.at is None):
        return None
    allowed = tolerance_of("", circumstances.trust.skew)
    for token, window in judged_windows(event.contents.tokens):
        early = window.not_before is not None and now < window.not_before - allowed.early
        if early or (window.not_after is not None and now >= window.not_after + allowed.late):
            return token.span
    return None


def untold(shape: Shape, reader: EventReader, circumstances: Circumstances, limits: Limits) -> Group | None:
    """The errors of a shape whose tokens did not hold; None where there are none. Raises Cancelled."""
    errors = shape.rows[np.isin(reader.store.frame(shape.rows, ("level",))["level"].to_numpy(), _ERRORS)]
    if not len(errors):
        return None
    found: list[tuple[EventText, Span]] = []
    looked = 0
    for most in (FIRST_ROWS, MOST_ROWS):
        chosen = spread(errors, most)
        looked = len(chosen)
        found = _outside(chosen, reader, circumstances)
        if not found or looked == len(errors):
            break
    limits.met("errors that speak of no token whose tokens were judged", looked, len(errors))
    if not found:
        return None
    event, span = found[0]
    rows = np.array([each.row for each, _ in found], np.uint32)
    return Group(rows, event, (Signal(UNTOLD, event, span),), related_ids(event))


def _outside(rows: Rows, reader: EventReader, circumstances: Circumstances) -> list[tuple[EventText, Span]]:
    looked = (reader.looked_into(plain) for plain in reader.many(rows))
    return [(event, span) for event in looked if (span := does_not_hold(event, circumstances)) is not None]
