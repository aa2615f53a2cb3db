"""A log pasted into a web page or mail as text again: tags away, one level of escaping undone, every character's place known."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

LARGEST: Final = 64 << 20
"""Bytes of markup that are unwrapped at most."""

_BLOCK: Final = frozenset({"div", "p", "tr", "li", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "section", "article", "body", "html", "head", "title", "tbody", "dl", "dt", "dd"})  # fmt: skip
_INLINE: Final = frozenset({"font", "span", "b", "i", "u", "em", "strong", "a", "code", "tt", "small", "big", "sup", "sub", "td", "th", "img", "meta", "link", "kbd", "samp", "mark", "center", "wbr", "abbr", "col", "colgroup", "thead", "o:p"})  # fmt: skip
_TOKEN: Final = re.compile(
    r"<!--|<(/?)([A-Za-z][A-Za-z0-9:]{0,15})(?:\s[^<>]{0,4096})?/?>|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});|[ \t\r\n\f]+",
    re.DOTALL,
)
MARKUP: Final = re.compile(rb"(?i)<br\s*/?>|&nbsp;|</(?:div|p|td|span|font|pre)>")
"""What shows that a text is wrapped in HTML."""


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """Text out of markup."""

    data: bytes
    """UTF-8."""
    _targets: npt.NDArray[np.int64]
    _sources: npt.NDArray[np.int64]

    def place(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Position in the markup (UTF-8) of each position of the text."""
        index = np.searchsorted(self._targets, positions, side="right") - 1
        return self._sources[index] + (positions - self._targets[index])


class _Unwrapping:
    """Text under construction, with the place in the markup of each of its parts."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.targets, self.sources = [0], [0]
        self.size = 0
        self.source = 0
        self.column = 0
        """Characters on the current line; white space at a line's start is not shown by a browser."""
        self.preformatted = 0

    def emit(self, piece: str) -> None:
        """Add text that stands for the markup at the current place."""
        self.targets.append(self.size)
        self.sources.append(self.source)
        self.out.append(piece)
        self.size += len(piece.encode("utf-8", "replace"))
        last = piece.rfind("\n")
        self.column = self.column + len(piece) if last < 0 else len(piece) - last - 1

    def plain(self, text: str) -> None:
        """Text between tags."""
        if text:
            self.emit(text)
            self.source += len(text.encode("utf-8", "replace"))

    def token(self, token: str, closing: str, tag: str) -> None:
        """A tag, an entity, white space or a comment."""
        if token[0] == "&":
            self.emit(html.unescape(token).replace("\xa0", " "))
        elif tag:
            self._tag(token, closing, tag)
        elif token[0] != "<":
            if self.preformatted:
                self.emit(token)
            elif self.column:
                self.emit(" ")
        self.source += len(token.encode("utf-8", "replace"))

    def _tag(self, token: str, closing: str, tag: str) -> None:
        if tag == "pre":
            self.preformatted = max(0, self.preformatted + (-1 if closing else 1))
        if tag == "br":
            self.emit("\n")
        elif tag == "hr":
            self.emit(("\n" if self.column else "") + "-" * 40 + "\n")
        elif tag in _BLOCK:
            if self.column:
                self.emit("\n")
        elif tag not in _INLINE:
            self.emit(token)


def unwrap(markup: bytes) -> Unwrapped:
    """Undo HTML: its own tags go (others stay, they may be the log's), line breaks come where a browser makes them, entities are replaced once."""
    text = markup.decode("utf-8", "replace")
    work = _Unwrapping()
    at = 0
    comments = True
    for found in _TOKEN.finditer(text):
        if found.start() < at:
            continue
        work.plain(text[at : found.start()])
        at = found.end()
        piece = found[0]
        if piece == "<!--":
            end = text.find("-->", at) if comments else -1
            comments = end >= 0
            if comments:
                piece, at = text[found.start() : end + 3], end + 3
            else:
                work.emit(piece)
        work.token(piece, found[1] or "", (found[2] or "").lower())
    work.plain(text[at:])
    work.targets.append(work.size)
    work.sources.append(work.source)
    return Unwrapped("".join(work.out).encode("utf-8", "replace"), np.array(work.targets, np.int64), np.array(work.sources, np.int64))
