"""Envelopes and stack traces as escaped HTML with classes; whatever the text holds, it stays text."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup
from pygments.lexers.html import XmlLexer
from pygments.token import Comment, Name, String, is_token_subtype

from inspector.payloads.base import Payload

HIGHLIGHT_LIMIT: Final = 200_000
"""Characters of an envelope that are coloured; longer ones are shown plain."""

SHOWN_LIMIT: Final = 400_000
"""Characters of one text that a report holds at most; what is left out is said."""

_CLASSES: Final = ((Name.Tag, "x-t"), (Name.Attribute, "x-a"), (String, "x-s"), (Comment, "x-c"))
_PSEUDONYM: Final = re.compile(r"\[(?:password|nonce|signature|token|key|cookie|user|host|address|mail)-\d+\]")
_FRAME: Final = re.compile(r"^\s*(?:at |bei |à |en |в |in |File \"|#\d+ |from )")
_THROWN: Final = re.compile(r"^\s*(?:---> |Caused by: |Suppressed: )?[\w.$+`<>\[\]]*(?:Exception|Error|Fault)\b")


def cut(text: str) -> str:
    """The text as a report holds it: whole, or its start and a sentence that says how much is missing."""
    if len(text) <= SHOWN_LIMIT:
        return text
    return f"{text[:SHOWN_LIMIT]}\n[{len(text) - SHOWN_LIMIT:,} of {len(text):,} characters left out of this report]"


def plain_html(text: str) -> Markup:
    """Escaped text with the redactor's pseudonyms marked."""
    pieces: list[Markup] = []
    at = 0
    for match in _PSEUDONYM.finditer(text):
        pieces += [Markup.escape(text[at : match.start()]), Markup('<span class="secret">{}</span>').format(match.group())]
        at = match.end()
    pieces.append(Markup.escape(text[at:]))
    return Markup("").join(pieces)


def xml_html(text: str) -> Markup:
    """Escaped XML with tags, attributes, values and comments in spans; text that is not well-formed is coloured as far as it goes."""
    shown = cut(text)
    if len(shown) > HIGHLIGHT_LIMIT:
        return plain_html(shown)
    pieces: list[Markup] = []
    for kind, value in XmlLexer(ensurenl=False, stripnl=False).get_tokens(shown):
        style = next((name for ancestor, name in _CLASSES if is_token_subtype(kind, ancestor)), "")
        if style:
            pieces.append(Markup('<span class="{}">{}</span>').format(style, value))
        else:
            pieces.append(plain_html(value))
    return Markup("").join(pieces)


def stack_trace_html(text: str, own: frozenset[str] = frozenset()) -> Markup:
    """A stack trace with its exceptions marked, framework frames dimmed and the frames that hold one of ``own`` bright."""
    lines: list[Markup] = []
    for line in cut(text).split("\n"):
        if _FRAME.match(line):
            style = "own" if any(symbol in line for symbol in own) else "frame"
            lines.append(Markup('<span class="{}">{}</span>').format(style, line))
        elif _THROWN.match(line):
            lines.append(Markup('<span class="thrown">{}</span>').format(plain_html(line)))
        else:
            lines.append(plain_html(line))
    return Markup("\n").join(lines)


def payload_html(payload: Payload, redacted: str, own: frozenset[str] = frozenset()) -> Markup:
    """A payload's layout, already redacted, as its kind is best read."""
    if payload.kind == "stack_trace":
        return stack_trace_html(redacted, own)
    return xml_html(redacted) if redacted.lstrip().startswith("<") else plain_html(cut(redacted))
