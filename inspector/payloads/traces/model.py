"""What a stack trace is made of, whatever language printed it: exceptions, frames, and how one exception caused another."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import Final

from inspector.tokens.base import Span

NOWHERE: Final = Span(0, 0)
"""Before a place is known."""


class Link(enum.StrEnum):
    """How an exception stands to the one that was thrown in the end."""

    THROWN = "thrown"
    """It is the one that came out."""
    CAUSE = "cause"
    """It caused the one that wraps it: ``--->``, ``Caused by:``, ``nested exception is:``, ``direct cause``."""
    CONTEXT = "context"
    """It was being handled when the next one was raised (Python's ``During handling``)."""
    SUPPRESSED = "suppressed"
    """It happened besides (Java's ``Suppressed:``)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One call."""

    symbol: str
    """As printed, without file: ``System.Net.HttpWebRequest.GetResponse()``; empty where only a place is known."""
    file: str = ""
    line: int | None = None
    own: bool = True
    """False for the frames of frameworks and of the language's own library."""
    span: Span = NOWHERE
    text: str = ""
    """The call and its place on one line, as a reader of the language writes it: ``Parser.parse(Parser.java:427)``, ``jwt.api_jwt:278 in _validate_iat``."""

    @property
    def place(self) -> str:
        """``file:line`` as far as known."""
        return f"{self.file}:{self.line}" if self.file and self.line is not None else self.file


@dataclass(frozen=True, slots=True)
class Thrown:
    """One exception of a trace."""

    type: str
    """As printed: ``System.Net.WebException``, ``jwt.exceptions.ImmatureSignatureError``."""
    message: str
    frames: tuple[Frame, ...] = ()
    """Innermost call first, whatever order the language prints."""
    link: Link = Link.THROWN
    depth: int = 0
    """0 for the exception that came out, 1 for its cause, and so on."""
    span: Span = NOWHERE
    """Its header: type and message."""
    innermost: bool = False
    omitted: int = 0
    """Frames that the printer left out (Java's ``... 12 more``)."""

    @property
    def simple_type(self) -> str:
        """The type without namespace or package."""
        for separator in ("::", "\\", ".", "+", "$"):
            if separator in self.type:
                return self.type.rsplit(separator, 1)[1]
        return self.type


@dataclass(slots=True)
class Draft:
    """An exception while its trace is being read."""

    type: str
    message: str = ""
    frames: list[Frame] = field(default_factory=list)
    link: Link = Link.THROWN
    depth: int = 0
    start: int = 0
    end: int = 0
    omitted: int = 0

    def done(self) -> Thrown:
        """The exception as read."""
        return Thrown(
            self.type, self.message.strip(), tuple(self.frames), self.link, self.depth, Span(self.start, self.end), omitted=self.omitted
        )


MAX_FRAMES: Final = 10_000
"""Frames read of one trace."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One trace as read: where it stands in the text it was read from, and what it says."""

    language: str
    """dotnet, java, python, javascript, php, go, ruby; ``exception`` for an exception without frames whose language is open."""
    start: int
    end: int
    exceptions: tuple[Thrown, ...]
    """Innermost first; suppressed ones last."""
    top: Frame | None
    """The frame that threw, as a reader of this language looks for it."""
    lines: tuple[str, ...]
    """The trace, one header, frame or marker a line."""
    reversed: bool = False
    """True where the log prints the lines in reverse."""
    cut: bool = False


def innermost_first(drafts: list[Draft]) -> tuple[Thrown, ...]:
    """Exceptions in the order a reader needs: the deepest cause first and marked, suppressed ones last."""
    thrown = [draft.done() for draft in drafts]
    ordered = sorted((one for one in thrown if one.link is not Link.SUPPRESSED), key=lambda one: -one.depth)
    if ordered:
        ordered[0] = replace(ordered[0], innermost=True)
    return (*ordered, *(one for one in thrown if one.link is Link.SUPPRESSED))
