"""Whose time stamp it is: an envelope that carries a fault states when the reply was made, nothing about the request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Final

from inspector.clock import in_words, offset_text, split_offset
from inspector.dates import parse_time
from inspector.diagnosis.base import Cause, Circumstances, EventText, Evidence, Incident, Suggestion
from inspector.diagnosis.contents import fault_replies
from inspector.payloads.soap import Envelope

_TIMED: Final = (Cause.EXPIRED, Cause.DELAYED_PROCESSING)


class Replies:
    """Keeps a fault reply's own time stamp from being read as the request's."""

    name = "replies"

    def suggest(self, incident: Incident, circumstances: Circumstances) -> Sequence[Suggestion]:
        del circumstances
        found: list[Suggestion] = []
        for event in incident.events:
            for envelope in fault_replies(event):
                if envelope.security is None or not envelope.security.created:
                    continue
                note = self._note(event, envelope)
                related = envelope.addressing.relates_to[0] if envelope.addressing and envelope.addressing.relates_to else ""
                asked = (
                    f"The refused request {related}".rstrip()
                    + " with its own Created and Expires (InputTrace.webinfo, a WCF message log or a capture at the receiver)."
                )
                found += [Suggestion(cause, 0, "", contradicts=(note,), would_confirm=(asked,)) for cause in _TIMED]
        return found

    def _note(self, event: EventText, envelope: Envelope) -> Evidence:
        assert envelope.security is not None
        created = parse_time(envelope.security.created)
        text = f"Created {envelope.security.created} belongs to the fault reply, not to the refused request"
        if created is not None and created.utc is not None and event.time is not None:
            rest = abs(event.time.astimezone(UTC) - created.utc)
            parts = split_offset(event.time - created.utc)
            if rest <= timedelta(minutes=2):
                text += f"; the reply was made within {in_words(rest)} of the event, so it was fresh"
            elif parts is not None and not event.zone_known:
                text += (
                    f"; with the log's clock at UTC{offset_text(parts[0])} the reply was made within {in_words(abs(parts[1]))} of the event"
                )
        span = envelope.security.created_span
        excerpt = event.message[span.start : span.end] if span is not None else envelope.security.created
        return Evidence(text, event.row, event.source, event.position, excerpt, span)
