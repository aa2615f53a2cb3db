"""What ties an event to others: the conversation of its messages, the correlation that the log prints, the tokens it carries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from inspector.payloads.soap import Envelope
from inspector.session.model import Detail
from inspector.tokens.base import Token

_CORRELATION: Final = re.compile(
    r"(?:correlation|activity|request|trace|conversation|operation)(?:[ _-]?id)?[\s\"':=]{1,4}"
    r"\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})\b",
    re.IGNORECASE,
)
"""An identifier of 128 bits behind one of the words that logs print before it."""
_RUN: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}")
MARK: Final = 24
"""Characters of an encoded token that tell it from every other one, and are of no use to anybody by themselves."""
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Kinship:
    """Texts that related events hold."""

    conversation: tuple[str, ...] = ()
    """MessageID and RelatesTo (WS-Addressing) of the event's envelopes."""
    correlation: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()


def kinship(detail: Detail) -> Kinship:
    """What other events of the same conversation, correlation or token hold too."""
    conversation: list[str] = []
    for payload in detail.contents.payloads:
        if isinstance(payload, Envelope) and payload.addressing is not None:
            conversation += [payload.addressing.message_id, *payload.addressing.relates_to]
    correlation = [found[1] for found in _CORRELATION.finditer(detail.message)]
    marks = [_mark(detail.message, token) for token in _all(detail.contents.tokens) if token.kind != "timestamp"]
    return Kinship(_few(conversation), _few(correlation), _few(marks))


def _mark(message: str, token: Token) -> str:
    """The token's name where the text holds it; else a piece of its encoding, never the whole of it."""
    if token.identity and token.identity in message:
        return token.identity
    runs: list[str] = _RUN.findall(message[token.span.start : token.span.end])
    if not runs:
        return ""
    longest = max(runs, key=len)
    size = min(MARK, len(longest) // 2 if len(longest) < 2 * MARK else MARK)
    return longest[-size - 8 : -8] if len(longest) >= size + 8 else longest[:size]


def _few(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:MOST]


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.inner)
