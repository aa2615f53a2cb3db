"""What an event holds, as the reasoning asks for it: its envelopes, its fault replies, its tokens with the inner ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from inspector.diagnosis.base import Circumstances, EventText
from inspector.job import Cancelled, Job
from inspector.payloads import inspect
from inspector.payloads.base import Contents
from inspector.payloads.soap import Envelope
from inspector.tokens.base import Token, Trust, ValidityWindow

LONGEST: Final = 200_000
"""Characters of an event that are looked into."""

_NOTHING: Final = Trust()


def look_into(message: str, circumstances: Circumstances | None = None, moment: datetime | None = None, job: Job | None = None) -> Contents:
    """What a message holds, its tokens verified with what the user supplied; a failure while looking is a problem of that event alone. Raises Cancelled."""
    trust = circumstances.trust if circumstances is not None and circumstances.trust != _NOTHING else None
    at = circumstances.at if circumstances is not None and circumstances.at is not None else moment
    try:
        return inspect(message[:LONGEST], trust, at, job.check if job is not None else None)
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - one event must not take the verdict on all others with it
        return Contents((), (), (f"looking into the text failed: {type(error).__name__}: {error}",))


def envelopes(event: EventText) -> list[Envelope]:
    """The SOAP envelopes of an event."""
    return [payload for payload in (event.contents.payloads if event.contents is not None else ()) if isinstance(payload, Envelope)]


def fault_replies(event: EventText) -> list[Envelope]:
    """The envelopes of an event that carry a fault."""
    return [envelope for envelope in envelopes(event) if envelope.is_fault]


def answered(event: EventText) -> str:
    """The MessageID that a fault in this event answers; empty where none is stated."""
    for envelope in fault_replies(event):
        if envelope.addressing is not None and envelope.addressing.relates_to:
            return envelope.addressing.relates_to[0]
    return ""


def tokens_of(event: EventText) -> Iterator[Token]:
    """Every token of an event, inner ones after the one that holds them."""
    pending = list(event.contents.tokens) if event.contents is not None else []
    while pending:
        token = pending.pop(0)
        yield token
        pending[:0] = token.inner


def judged_windows(tokens: Sequence[Token]) -> list[tuple[Token, ValidityWindow]]:
    """Windows that belong to what was judged, inner tokens included; a fault reply's own stamp proves nothing about the request."""
    found = []
    for token in tokens:
        found += [(token, window) for window in token.windows if window.belongs_to == "message" and window.kind in {"message", "token"}]
        found += judged_windows(token.inner)
    return found
