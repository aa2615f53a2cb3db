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
_TOKEN: Final = re.compile(r"<!--.{0,65536}?-->|<(/?)([A-Za-z][A-Za-z0-9:]{0,15})(?:\s[^<>]{0,4096})?/?>|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});|[ \t\r\n\f]+", re.DOTALL)
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


def unwrap(markup: bytes) -> Unwrapped:
    """Undo HTML: tags of HTML are removed (others stay, they may be the log's own), line breaks made where a browser makes them,
    entities replaced once."""
    text = markup.decode("utf-8", "replace")
    out: list[str] = []
    targets, sources = [0], [0]
    size = 0
    source = 0
    column = 0  # characters on the current line; white space at a line's start is not shown by a browser
    at = 0
    preformatted = 0

    def emit(piece: str, place: int) -> None:
        nonlocal size, column
        encoded = len(piece.encode("utf-8", "replace"))
        targets.append(size)
        sources.append(place)
        out.append(piece)
        size += encoded
        last = piece.rfind("\n")
        column = column + len(piece) if last < 0 else len(piece) - last - 1

    for found in _TOKEN.finditer(text):
        plain = text[at : found.start()]
        if plain:
            emit(plain, source)
            source += len(plain.encode("utf-8", "replace"))
        token = found[0]
        length = len(token.encode("utf-8", "replace"))
        if token[0] == "&":
            emit(html.unescape(token).replace("\xa0", " "), source)
        elif token[0] == "<" and found[2]:
            tag = found[2].lower()
            if tag == "pre":
                preformatted = max(0, preformatted + (-1 if found[1] else 1))
            if tag == "br":
                emit("\n", source)
            elif tag == "hr":
                emit(("\n" if column else "") + "-" * 40 + "\n", source)
            elif tag in _BLOCK:
                if column:
                    emit("\n", source)
            elif tag not in _INLINE:
                emit(token, source)
        elif token[0] != "<":
            if preformatted:
                emit(token, source)
            elif column:
                emit(" ", source)
        source += length
        at = found.end()
    if text[at:]:
        emit(text[at:], source)
        source += len(text[at:].encode("utf-8", "replace"))
    targets.append(size)
    sources.append(source)
    return Unwrapped("".join(out).encode("utf-8", "replace"), np.array(targets, np.int64), np.array(sources, np.int64))
