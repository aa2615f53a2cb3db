"""The kinds of payload that can be found inside an event, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from inspector.payloads.base import Contents, Payload, PayloadKind
from inspector.payloads.http_headers import HttpHeaders
from inspector.payloads.json_text import Json
from inspector.payloads.soap import Soap
from inspector.payloads.stack_trace import StackTraces
from inspector.payloads.xml_document import Xml
from inspector.tokens import find_tokens
from inspector.tokens.base import Span, Token, Trust
from inspector.tokens.verify import verified
from inspector.xmltext import find_xml

PAYLOADS: Final[tuple[PayloadKind, ...]] = (Soap(), Xml(), StackTraces(), Json(), HttpHeaders())
"""A kind sees what the kinds before it have recognised."""


def inspect(text: str, trust: Trust | None = None, at: datetime | None = None, check: Callable[[], None] | None = None) -> Contents:
    """Everything that can be recognised in an event's text: payloads in order of appearance, each token once.

    ``trust``: what the user supplied, to verify the tokens with at the moment ``at`` (UTC, aware); None verifies nothing.
    ``check`` is called between the steps, to stop by raising: a long text takes a while.

    Never raises for what the text holds: a kind that fails is named in ``problems``, and what the others found stays.
    """
    problems: list[str] = []
    documents = find_xml(text)
    payloads: list[Payload] = []
    claimed: set[Span] = set()
    for kind in PAYLOADS:
        if check is not None:
            check()
        try:
            found = kind.find(text, documents, claimed)
        except Exception as error:  # noqa: BLE001 - one kind's failure must not hide what the others found
            problems.append(f"looking for {kind.name} failed: {type(error).__name__}: {error}")
            continue
        payloads.extend(found)
        claimed.update(payload.span for payload in found)
    tokens: tuple[Token, ...] = ()
    if check is not None:
        check()
    try:
        tokens = find_tokens(text, documents)
        if trust is not None:
            tokens = tuple(verified(token, trust, at) for token in tokens)
    except Exception as error:  # noqa: BLE001 - as above
        problems.append(f"{'verifying' if tokens else 'looking for'} tokens failed: {type(error).__name__}: {error}")
    payloads.sort(key=lambda payload: (payload.span.start, -payload.span.end))
    return Contents(tuple(payloads), tokens, tuple(problems))
