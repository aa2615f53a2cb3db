"""Laying JSON out for reading: white space changes, nothing else, whatever the input is."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(r"\"(?:[^\"\\]|\\.)*+\"?|[{}\[\],:]|[^ \t\r\n\"{}\[\],:]++|[ \t\r\n]++", re.DOTALL)
"""White space is what RFC 8259 section 2 calls so: any other blank character is damage, which stays."""
STEP: Final = "  "
MAX_INDENT: Final = 40
"""Levels of indentation; deeper values are laid out at this one."""


def unfinished_json(text: str, start: int) -> tuple[int, bool]:
    """Where the object or array that opens at ``start`` ends, and whether its brackets balance. Reads tokens, not grammar."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        piece = match.group()
        if piece in "{[":
            depth += 1
        elif piece in "}]":
            depth -= 1
            if depth == 0:
                return match.end(), True
    return len(text), False


def lay_out_json(text: str) -> str:
    """``text`` with one member a line. Works on anything that begins like JSON, in linear time; doing it twice changes nothing."""
    out: list[str] = []
    depth = 0
    opened = False
    gap = ""
    previous = ""
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece[0] in " \t\r\n":
            gap = piece
            continue
        if piece in {"}", "]"}:
            depth = max(0, depth - 1)
            if not opened:
                out.append("\n" + STEP * min(depth, MAX_INDENT))
        elif opened or previous == ",":
            out.append("\n" + STEP * min(depth, MAX_INDENT))
        elif previous == ":":
            out.append(" ")
        elif gap and piece not in {",", ":"}:
            out.append(gap)
        out.append(piece)
        opened = piece in {"{", "["}
        depth += opened
        previous = piece
        gap = ""
    return "".join(out)
