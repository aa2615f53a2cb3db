"""What a kind of token does: find its tokens in an event's text and in the XML documents inside that text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from inspector.tokens.base import Token
from inspector.tokens.reading.markup import Markup


class TokenKind(Protocol):
    """One kind of token, or a family that belongs together."""

    @property
    def name(self) -> str:
        """Short name, for messages about a failure."""
        ...

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:
        """Every token of this kind, in order. Linear in the length of the text; reads nothing when a cheap look finds no sign of it."""
        ...
