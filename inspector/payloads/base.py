"""What can be inside an event's text, once recognised: a payload with its exact place in that text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from inspector.tokens.base import Span, Token
from inspector.xmltext import XmlText


@dataclass(frozen=True, slots=True)
class Payload:
    """Something recognised in an event's text. Subclassed by each kind with what it knows."""

    kind: str
    """soap, stack_trace, xml, json, headers."""
    title: str
    """One line for a person."""
    span: Span
    pretty: str = field(repr=False)
    """Laid out for reading: white space added, nothing else changed; secrets still in clear (faces mask them)."""
    problems: tuple[str, ...] = ()
    """Cut, masked, not well-formed: what the logger or the sender did to it."""
    secrets: tuple[Span, ...] = ()
    """Parts of ``pretty`` that must be masked on screen and redacted in exports."""
    break_at: int | None = None
    """Character of ``pretty`` where XML stops being well-formed; None where it does not break, or is not XML."""


class PayloadKind(Protocol):
    """One kind of payload."""

    @property
    def name(self) -> str:
        """The ``kind`` of the payloads it finds."""
        ...

    def find(self, text: str, documents: Sequence[XmlText], claimed: Collection[Span]) -> tuple[Payload, ...]:
        """Every payload of this kind in an event's text, in order.

        ``documents`` is all XML found in it, ``claimed`` the places that kinds asked earlier have recognised.
        Runs in linear time; the caller owns failure.
        """
        ...


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything recognised in one event's text."""

    payloads: tuple[Payload, ...]
    tokens: tuple[Token, ...]
    """Each token once, those inside envelopes included, in order of appearance."""
    problems: tuple[str, ...] = ()
    """What failed while looking, by kind; never hides what the others found."""


def gaps(text: str, documents: Sequence[XmlText]) -> Iterator[tuple[int, int]]:
    """The stretches of an event's text that lie outside every XML document."""
    position = 0
    for document in documents:
        if document.start > position:
            yield position, document.start
        position = max(position, document.end)
    if position < len(text):
        yield position, len(text)
