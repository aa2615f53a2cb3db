"""The kinds of token that can be found and decoded, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Protocol

from inspector.tokens import (
    authorization,
    aws,
    binary_security_token,
    jwt,
    saml,
    ws_secure_conversation,
    ws_security,
    x509,
    xml_encryption,
    xml_signature,
)
from inspector.tokens.base import Span, Token
from inspector.tokens.kind import TokenKind
from inspector.tokens.reading.carried_xml import carried_documents
from inspector.tokens.reading.markup import MAX_NAMED, SOUGHT, Markup, read_markup

TOKENS: Final[tuple[TokenKind, ...]] = (
    ws_security.KIND,
    saml.KIND,
    binary_security_token.KIND,
    ws_secure_conversation.KIND,
    xml_signature.KIND,
    xml_encryption.KIND,
    jwt.KIND,
    x509.KIND,
    aws.KIND,
    authorization.KIND,
)

_SIGNS: Final = (
    "Timestamp",
    "UsernameToken",
    "Security",
    "Assertion",
    "Signature",
    "Encrypted",
    "saml",
    "SAML",
    "X509",
    "Token",
    "Lifetime",
    "Response",
)
"""One of these stands in every document that holds a token; documents without are not read a second time."""

_SAME_BY_IDENTITY: Final = frozenset({"jwt", "x509", "opaque", "kerberos", "aws_key", "aws_signature"})
"""Kinds of which a second sighting in the same text adds nothing."""


class LocatedXml(Protocol):
    """What is needed of an XML document found in an event's text (``xmltext.XmlText``)."""

    @property
    def text(self) -> str:
        """The XML, escapes undone."""
        ...

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Where characters of ``text`` stand in the event's text."""
        ...


def find_tokens(text: str, documents: Sequence[LocatedXml] = ()) -> tuple[Token, ...]:
    """Every token of an event's text, each once, in order of appearance. ``documents`` are the XML documents found in it.

    Raises nothing for what the text holds; a kind that fails is a defect and its exception is left to the caller.
    """
    markups = (*(_read(document) for document in documents if any(sign in document.text for sign in _SIGNS)), *carried_documents(text))
    found = [token for kind in TOKENS for token in kind.find(text, markups)]
    found.sort(key=lambda token: (token.span.start, -token.span.end))
    return _with_passed_over(_each_once(found), markups)


def _with_passed_over(tokens: tuple[Token, ...], markups: Sequence[Markup]) -> tuple[Token, ...]:
    """The tokens, the last one saying of which elements there are more than were looked into."""
    more = {
        name: len(elements)
        for markup in markups
        for name, elements in markup.by_name.items()
        if len(elements) > MAX_NAMED and name in SOUGHT
    }
    if not tokens or not more:
        return tokens
    words = ", ".join(f"{count:,} {name}" for name, count in sorted(more.items()))
    problem = f"one document holds {words} elements; only the first {MAX_NAMED} of each were looked into"
    return (*tokens[:-1], replace(tokens[-1], problems=(*tokens[-1].problems, problem)))


def _read(document: LocatedXml) -> Markup:
    return read_markup(document.text, _locator(document))


def _locator(document: LocatedXml) -> Callable[[int, int], Span]:
    return lambda start, end: Span(*document.source_span(start, end))


def _each_once(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """A token that stands in the text several times, in a header and again in a message, is shown at its first place."""
    seen: set[tuple[str, str]] = {(inner.kind, inner.identity) for token in tokens for inner in token.inner if inner.kind == "x509"}
    carried = {inner.span.start for token in tokens for inner in token.inner if token.kind != "x509"}
    unique = []
    for token in tokens:
        if token.kind == "x509" and token.span.start in carried:
            continue
        key = (token.kind, token.identity)
        if token.identity and token.kind in _SAME_BY_IDENTITY and key in seen:
            continue
        seen.add(key)
        unique.append(token)
    return tuple(unique)
