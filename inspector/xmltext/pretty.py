"""Laying XML out for reading: white space changes, nothing else, whatever the input is."""

from __future__ import annotations

import re
from typing import Final

BLANK: Final = " \t\r\n"
"""White space as XML 1.0 section 2.3 defines it."""
STEP: Final = "  "
MAX_INDENT: Final = 24
"""Levels of indentation; deeper elements are laid out at this one, so that a hostile depth cannot blow up the text."""
_GAPS: Final = tuple("\n" + STEP * depth for depth in range(MAX_INDENT + 1))
_TERMINATORS: Final = {"!--": "-->", "![CDATA[": "]]>", "?": "?>"}
_QUOTED_TAG: Final = re.compile(r"[^\"'>]*+(?:\"[^\"]*+\"[^\"'>]*+|'[^']*+'[^\"'>]*+)*>")


class _Layout:
    """The text laid out so far, and which gaps may still have to go back to what they were.

    Content that mixes text and elements keeps its white space. That an element is mixed can show late, after gaps inside it
    were laid out already; those are put back then. Each gap is put back at most once, so the work stays linear.
    """

    __slots__ = ("after_start", "dead", "frozen", "gap", "names", "opened", "out", "pieces", "stack", "touched")

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces
        self.out: list[str] = []
        self.stack: list[str] = []
        self.opened: list[int] = []
        self.names: dict[str, int] = {}
        self.touched: list[tuple[int, str]] = []
        self.frozen = 0  # depth of the element whose content keeps its white space; 0 for none
        self.gap: str | None = None  # white space in front of what comes next; None where text or the beginning is
        self.after_start = False
        self.dead: set[str] = set()

    def break_line(self, depth: int) -> None:
        """Put what comes next on a line of its own, unless text stands directly before it or the content keeps its white space."""
        gap = self.gap
        if gap is None:
            return
        if self.frozen:
            self.out.append(gap)
        else:
            self.touched.append((len(self.out), gap))
            self.out.append(_GAPS[depth] if depth < MAX_INDENT else _GAPS[MAX_INDENT])

    def freeze(self) -> None:
        """The innermost open element has text of its own: its content keeps its white space."""
        if self.frozen or not self.stack:
            return
        self.frozen = len(self.stack)
        begin = self.opened[-1]
        while self.touched and self.touched[-1][0] >= begin:
            index, gap = self.touched.pop()
            self.out[index] = gap

    def follow(self, tail: str) -> None:
        """What stands between a tag and the next one."""
        if not tail:
            self.gap = ""
        elif tail.strip(BLANK):
            self.freeze()
            self.out.append(tail)
            self.gap = None
            self.after_start = False
        else:
            self.gap = tail

    def start(self, piece: str) -> None:
        stop = piece.find(">")
        if piece.find(">", stop + 1) >= 0:
            quoted = _QUOTED_TAG.match(piece)
            stop = quoted.end() - 1 if quoted else stop
        if stop < 0:
            self.broken(piece)
            return
        self.break_line(len(self.stack))
        tag = piece[: stop + 1]
        self.out.append("<" + tag)
        if piece[stop - 1] == "/":
            self.after_start = False
        else:
            name = tag[:-1].split(None, 1)[0]
            self.stack.append(name)
            self.opened.append(len(self.out))
            self.names[name] = self.names.get(name, 0) + 1
            self.after_start = True
            if "xml:space" in tag and "preserve" in tag:
                self.freeze()
        self.follow(piece[stop + 1 :])

    def end(self, piece: str) -> None:
        stop = piece.find(">")
        if stop < 0:
            self.broken(piece)
            return
        name = piece[1:stop].rstrip(BLANK)
        stack = self.stack
        if self.after_start and stack[-1] == name:
            if self.gap:
                self.out.append(self.gap)
            self.close(name)
        elif self.frozen:
            self.break_line(0)
            self.close(name)
        else:
            self.close(name)
            self.break_line(len(stack))
        self.after_start = False
        self.out.append("<" + piece[: stop + 1])
        self.follow(piece[stop + 1 :])

    def close(self, name: str) -> None:
        """Close up to the innermost open element of this name, if there is one."""
        if not self.names.get(name):
            return
        while True:
            last = self.stack.pop()
            self.opened.pop()
            self.names[last] -= 1
            if len(self.stack) < self.frozen:
                self.frozen = 0
            if last == name:
                return

    def broken(self, piece: str) -> None:
        """Begins like a tag and never ends."""
        self.break_line(len(self.stack))
        text = piece.rstrip(BLANK)
        self.out.append("<" + text)
        self.gap = piece[len(text) :]
        self.after_start = False

    def lone(self, piece: str) -> None:
        """A ``<`` that starts no tag is text."""
        self.freeze()
        if self.gap:
            self.out.append(self.gap)
        self.out.append("<" + piece)
        self.gap = None
        self.after_start = False

    def special(self, at: int) -> int:
        """A comment, CDATA section, processing instruction or declaration that starts in piece ``at``; gives the number of the piece after it."""
        piece = self.pieces[at]
        opener = "?" if piece[0] == "?" else "!--" if piece.startswith("!--") else "![CDATA[" if piece.startswith("![CDATA[") else ""
        following = at + 1
        if opener:
            terminator = _TERMINATORS[opener]
            stop = piece.find(terminator, len(opener))
            if stop < 0:
                following = self.seek(terminator, at + 1)
                if not following:
                    self.broken(piece)
                    return at + 1
                piece = "<".join(self.pieces[at:following])
                stop = piece.find(terminator, len(opener))
            stop += len(terminator)
        else:
            stop = piece.find(">") + 1
            if not stop:
                self.broken(piece)
                return following
        if opener == "![CDATA[":
            self.freeze()
            self.out.append(self.gap or "")
        else:
            self.break_line(len(self.stack))
        self.out.append("<" + piece[:stop])
        self.after_start = False
        self.follow(piece[stop:])
        return following

    def seek(self, terminator: str, at: int) -> int:
        """Number of the piece after the one that holds ``terminator``; 0 where none does."""
        if terminator in self.dead:
            return 0
        pieces = self.pieces
        for number in range(at, len(pieces)):
            if terminator in pieces[number]:
                return number + 1
        self.dead.add(terminator)
        return 0


LARGE: Final = 200_000
"""Characters from which on the columnar way is worth its import."""


def _regular(xml: str) -> str | None:
    """The layout of balanced XML without mixed content, worked out for all tags at once; None for anything else.

    White space does not enter into the decision, so that laying out twice goes the same way.
    """
    import numpy as np

    if "<![CDATA[" in xml or "xml:space" in xml:
        return None
    source = xml.encode("utf-8", "surrogatepass")
    data = np.frombuffer(source, dtype=np.uint8)
    opens, closes = np.flatnonzero(data == ord("<")), np.flatnonzero(data == ord(">"))
    if len(opens) != len(closes) or not len(opens) or not ((opens < closes).all() and (closes[:-1] < opens[1:]).all()):
        return None
    first = data[opens + 1]
    letter = first | 0x20
    named = ((letter >= ord("a")) & (letter <= ord("z"))) | (first == ord("_")) | (first == ord(":"))
    is_end = first == ord("/")
    other = (first == ord("!")) | (first == ord("?"))
    if not (named | is_end | other).all():
        return None
    is_start = named & (data[closes - 1] != ord("/"))
    depth = np.cumsum(is_start.astype(np.int32) - is_end)
    if depth.min() < 0 or depth[-1] != 0:
        return None
    blank = (data == 32) | (data == 9) | (data == 10) | (data == 13)
    solid = np.cumsum(~blank, dtype=np.int32)
    has_text = solid[opens[1:] - 1] != solid[closes[:-1]]
    leaf = is_start[:-1] & is_end[1:]
    if (has_text & ~leaf).any():
        return None
    begins = np.concatenate(([True], ~leaf))
    lines = np.flatnonzero(begins)
    last = np.concatenate((lines[1:] - 1, [len(opens) - 1]))
    line_depth = np.where(is_end[lines], depth[lines], depth[lines] - is_start[lines])
    gaps = [gap.encode() for gap in _GAPS]
    starts, stops = opens[lines].tolist(), (closes[last] + 1).tolist()
    out = [
        gaps[level] + source[start:stop]
        for start, stop, level in zip(starts, stops, np.minimum(line_depth, MAX_INDENT).tolist(), strict=True)
    ]
    out[0] = source[: stops[0]]
    out.append(source[stops[-1] :])
    return b"".join(out).decode("utf-8", "surrogatepass")


def pretty_print(xml: str) -> str:
    """``xml`` laid out: one element a line, indented. Only white space between tags changes, and none where content mixes text and elements.

    Works on any text, in linear time; laying out twice gives the same as laying out once.
    """
    if len(xml) >= LARGE and (regular := _regular(xml)) is not None:
        return regular
    pieces = xml.split("<")
    layout = _Layout(pieces)
    layout.out.append(pieces[0])
    start, end = layout.start, layout.end
    at, size = 1, len(pieces)
    while at < size:
        piece = pieces[at]
        first = piece[:1]
        if first == "/":
            end(piece)
        elif first.isalpha() or first in {"_", ":"}:
            start(piece)
        elif first in {"!", "?"}:
            at = layout.special(at)
            continue
        else:
            layout.lone(piece)
        at += 1
    if layout.gap:
        layout.out.append(layout.gap)
    return "".join(layout.out)


def pretty_offsets(xml: str, pretty: str, offsets: list[int]) -> list[int]:
    """Where characters of ``xml`` stand in ``pretty`` (its layout), for ascending ``offsets``: only white space differs, so the others are counted."""
    result: list[int] = []
    at_source = at_pretty = 0
    for offset in offsets:
        wanted = sum(map(len, xml[at_source:offset].split()))
        step = max(64, offset - at_source)
        while wanted:
            chunk = pretty[at_pretty : at_pretty + step]
            if not chunk:
                break
            have = sum(map(len, chunk.split()))
            if have <= wanted:
                wanted -= have
                at_pretty += len(chunk)
            elif step > 1:
                step = max(1, step // 2)
            else:
                break
        at_source = offset
        place = at_pretty
        if offset < len(xml) and not xml[offset].isspace():
            while place < len(pretty) and pretty[place].isspace():
                place += 1
        result.append(place)
    return result
