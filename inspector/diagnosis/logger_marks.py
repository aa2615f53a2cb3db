"""What the logger did to the text: hidden values, cut messages. It is named, and never blamed on the sender."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from inspector.diagnosis.base import Cause, Circumstances, EventText, Evidence, Incident, Suggestion
from inspector.diagnosis.contents import LONGEST
from inspector.diagnosis.signals import ranked
from inspector.tokens.base import Span

_HIDDEN: Final = re.compile(
    r"['\"“‘]\s*(?P<hidden>System\.(?:DateTime|String)(?:\[\])?|Microsoft\.IdentityModel\.[\w.]{3,60}|\[PII (?:is hidden|of type)[^\]]{0,200}\])",
    re.IGNORECASE,
)
_EVENT_LIMIT: Final = 31_839
"""Characters that one string of a classic event holds at most (ReportEvent)."""
_MASKED: Final = re.compile(r"\*{3,}|\bX{5,}\b|<removed>|\[redacted\]|<redacted>", re.IGNORECASE)


def marks_of(event: EventText) -> list[tuple[str, Span]]:
    """What the logger hid, masked or cut, in words, with the place."""
    found = []
    hidden = _HIDDEN.search(event.message, 0, LONGEST)
    if hidden is not None:
        found.append(
            (
                "the logger hid values (IdentityModel prints type names while ShowPII is false), so nothing can be computed from them",
                Span(hidden.start("hidden"), hidden.end("hidden")),
            )
        )
    masked = _MASKED.search(event.message, 0, LONGEST)
    if masked is not None:
        found.append(
            (
                "values are masked in the log; that was done after the fact and says nothing about what was sent",
                Span(masked.start(), masked.end()),
            )
        )
    length = len(event.message)
    if length >= _EVENT_LIMIT - 64:
        found.append((f"the text is {length} characters long and was cut by the event log, not by the sender", Span(length - 40, length)))
    elif event.contents is not None and any(
        "cut" in problem.casefold() for payload in event.contents.payloads for problem in payload.problems
    ):
        found.append(("what is in the text was cut by the logger, not by the sender", Span(max(0, length - 40), length)))
    return found


class LoggerMarks:
    """Says what cannot be known because the log does not hold it."""

    name = "logger marks"

    def suggest(self, incident: Incident, circumstances: Circumstances) -> Sequence[Suggestion]:
        del circumstances
        order = ranked(incident.signals)
        if not order:
            return []
        causes = order[0][1].entry.causes
        main = max(causes, key=lambda cause: causes[cause])
        found: list[Suggestion] = []
        for event in incident.events:
            for text, span in marks_of(event):
                evidence = Evidence(text, event.row, event.source, event.position, event.message[span.start : span.end], span)
                hidden = "ShowPII" in text
                ask = ("The same message with IdentityModelEventSource.ShowPII = true, on a test machine only.",) if hidden else ()
                steps = (
                    ("On a test machine set IdentityModelEventSource.ShowPII = true: the message then prints the values.",)
                    if hidden
                    else ()
                )
                found.append(Suggestion(main, 0, "", contradicts=(evidence,), would_confirm=ask, next_steps=steps))
                if "cut" in text:
                    found.append(Suggestion(Cause.MALFORMED, 0, "", contradicts=(evidence,)))
        return found
