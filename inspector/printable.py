"""Text that cannot steer what shows it: control characters and changes of reading direction as escapes."""

from __future__ import annotations

import unicodedata
from typing import Final

_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """The text with control and direction-changing characters shown as escapes, so that a log cannot steer the terminal."""
    if text.isprintable():
        return text if not _BIDI.intersection(text) else _escaped(text)
    return _escaped(text)


def _escaped(text: str) -> str:
    return "".join(
        char if char in "\n\t" or (unicodedata.category(char) not in ("Cc", "Cs") and char not in _BIDI) else f"\\x{ord(char):02x}"
        for char in text.replace("\r\n", "\n")
    )


def display_name(name: str) -> str:
    """The name of a file as it is shown: on one line, whatever somebody called it."""
    return printable(name).replace("\n", "\\x0a").replace("\t", "\\x09")
