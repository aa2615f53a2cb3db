"""Whose time stamp it is: an envelope that carries a fault states when the reply was made, nothing about the request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Final

from inspector.clock import in_words, offset_text, split_offset
from inspector.dates import parse_time
from inspector.diagnosis.base import Cause, Circumstances, EventText, Evidence, Incident, Suggestion
from inspector.diagnosis.contents import envelopes, fault_replies
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
                request = self._request(incident, event, envelope)
                if request is not None:
                    found += request
                    found += [Suggestion(cause, 0, "", contradicts=(note,)) for cause in _TIMED]
                    continue
                related = envelope.addressing.relates_to[0] if envelope.addressing and envelope.addressing.relates_to else ""
                asked = (
                    f"The refused request {related}".rstrip()
                    + " with its own Created and Expires (InputTrace.webinfo, a WCF message log or a capture at the receiver)."
                )
                found += [Suggestion(cause, 0, "", contradicts=(note,), would_confirm=(asked,)) for cause in _TIMED]
        return found

    def _request(self, incident: Incident, event: EventText, envelope: Envelope) -> list[Suggestion] | None:
        """What the refused request's own time stamp says, where the log has it."""
        wanted = envelope.addressing.relates_to if envelope.addressing is not None else ()
        for other in incident.events:
            for message in envelopes(other):
                if message.addressing is None or message.security is None or message.addressing.message_id not in wanted:
                    continue
                created, expires = parse_time(message.security.created), parse_time(message.security.expires)
                if expires is None or expires.utc is None or event.time is None:
                    continue
                made = (
                    f", {in_words(event.time - created.utc)} after it was made" if created is not None and created.utc is not None else ""
                )
                span = message.security.expires_span
                excerpt = other.message[span.start : span.end] if span is not None else message.security.expires
                late = event.time - expires.utc
                if late < timedelta(0):
                    text = (
                        f"the refused request is in the log: it was refused{made}, {in_words(-late)} before its end, so it had not expired"
                    )
                    cited = Evidence(text, other.row, other.source, other.position, excerpt, span)
                    return [Suggestion(cause, 0, "", contradicts=(cited,)) for cause in _TIMED]
                text = f"the refused request is in the log: it was refused{made}, {in_words(late)} after its end"
                cited = Evidence(text, other.row, other.source, other.position, excerpt, span)
                return [Suggestion(Cause.EXPIRED, 50, text, supports=(cited,))]
        return None

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
