"""Whose envelope an element stands in: the message that was judged, or the fault reply about it."""

from __future__ import annotations

from itertools import islice
from typing import Final

from inspector.tokens.reading.markup import Element, Markup

FAULT_REPLY: Final = "fault reply"
MESSAGE: Final = "message"
_MAX_FAULTS: Final = 50


def belongs_to(markup: Markup, element: Element) -> str:
    """``fault reply`` where the nearest envelope (the whole document where its head is cut off) carries a SOAP Fault.

    A time stamp in a fault is the fault's own (WS-Security 1.0 section 10): it tells when the refusal was written.
    """
    envelope = next((above for above in element.ancestors() if above.local == "Envelope"), None)
    start, end = (envelope.start, envelope.end) if envelope is not None else (0, len(markup.text))
    for found in islice(markup.named("Fault"), _MAX_FAULTS):
        if start <= found.start < end and (found.namespace is None or "soap" in found.namespace or not found.namespace):
            return FAULT_REPLY
    return MESSAGE
