"""Which encoding a text log is in, and its bytes as UTF-8 with invalid bytes kept readable."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
"""Byte order marks and the encoding each one states."""

CODE_PAGES: Final = ("cp1252", "cp850", "cp1250", "cp1251")
"""Windows and OEM code pages that are told apart where a log is neither UTF-8 nor UTF-16."""

_WESTERN: Final = frozenset("äöüßÄÖÜéèêëàâçîïôûùœÉÈÀÇñíóúáÑÍÓÚÁ¿¡ãõÃÕìòÌÒåæøÅÆØ’‘“”–«»°§…\xa0")
_EASTERN: Final = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻčďěňřšťůýžČĎĚŇŘŠŤŮÝŽőűŐŰăâîșțşţ„”–")

MIXED: Final = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
"""What a byte that is not UTF-8 reads as within a UTF-8 log: its Windows-1252 character, by far the most frequent stray."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """Encoding of a text log."""

    name: str
    """Python codec name, such as ``utf-8``, ``utf-16-le`` or ``cp1252``."""
    mark: int = 0
    """Bytes of the byte order mark at the start of the file."""

    @property
    def unit(self) -> int:
        """Bytes of one code unit."""
        return 2 if self.name.startswith("utf-16") else 1


def _looks_wide(sample: bytes) -> str:
    """``utf-16-le`` or ``utf-16-be`` when NUL bytes sit on one side of most pairs, else nothing."""
    even, odd = sample[0::2], sample[1::2]
    if not odd:
        return ""
    half = len(odd)
    zeros_even, zeros_odd = even.count(0), odd.count(0)
    if zeros_odd > 0.4 * half and zeros_even < 0.05 * half:
        return "utf-16-le"
    if zeros_even > 0.4 * half and zeros_odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _code_page(sample: bytes) -> str:
    """The code page in which the bytes above 127 make the most plausible letters."""
    sample = sample[:65536]
    high = bytes(byte for byte in sample if byte > 127)
    # in Cyrillic text nearly every letter is above 127, in Western text one such letter seldom follows another
    together = sum(map(len, re.findall(rb"[\x80-\xff]{3,}", sample)))
    cyrillic_runs = together > 0.5 * len(high)
    best, best_score = CODE_PAGES[0], float("-inf")
    for page in CODE_PAGES:
        text = high.decode(page, "replace")
        if page == "cp1251":
            cyrillic = sum("а" <= char <= "я" or "А" <= char <= "Я" for char in text)
            score = 2.0 * cyrillic - 0.5 * len(text) if cyrillic_runs and len(text) >= 8 else float("-inf")
        else:
            common = _EASTERN if page == "cp1250" else _WESTERN
            score = float(sum(1.0 if char in common else (0.0 if char.isalpha() else -1.0) for char in text))
        if score > best_score + (1.5 if page == "cp850" and len(high) < 40 else 0.0):
            best, best_score = page, score
    return best


def detect(sample: bytes) -> Encoding:
    """Encoding of a log out of a sample that begins with the file's start. Never raises."""
    for mark, name in BOMS:
        if sample.startswith(mark):
            return Encoding(name, len(mark))
    wide = _looks_wide(sample[:65536])
    if wide:
        return Encoding(wide)
    if sample.isascii():
        return Encoding("utf-8")
    text = sample.decode("utf-8", "surrogateescape")
    strays = sum("\udc80" <= char <= "\udcff" for char in text)
    proper = sum(char > "\x7f" for char in text) - strays
    if strays <= 3 or proper > strays:
        # three strays are what a sample cut within a character leaves; with no proper character beside them it is a code page
        return Encoding("utf-8") if proper or not strays else Encoding(_code_page(sample))
    return Encoding(_code_page(sample))


_CONTROL: Final = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\b\x1b")
"""Bytes that text hardly holds."""


def is_text(head: bytes) -> bool:
    """Whether a file's start looks like text in some encoding."""
    if not head.strip(b"\0"):
        return False
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or max(head[0::2].count(0), head[1::2].count(0)) > 0.15 * len(head):
        return not head.startswith((b"ElfFile\0", b"ElfChnk\0", b"\x30\0\0\0LfLe")) and bool(
            _looks_wide(head) or head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        )
    return len(head.translate(None, _CONTROL)) >= 0.97 * len(head)


@lru_cache(maxsize=2)
def head_text(head: bytes) -> bytes:
    """A file's start as UTF-8 without its byte order mark; empty for what is no text. Kept, since every format asks about the same start."""
    if not is_text(head):
        return b""
    encoding = detect(head)
    return to_utf8(head[encoding.mark :], encoding)[0]


def stated(name: str, sample: bytes) -> Encoding:
    """The encoding a user asked for, with the byte order mark skipped where there is one."""
    for mark, codec in BOMS:
        if sample.startswith(mark) and name.lower().replace("_", "-").startswith(codec[:6]):
            return Encoding(codec, len(mark))
    try:
        return Encoding(codecs.lookup(name).name)
    except LookupError:
        return detect(sample)


def to_utf8(raw: bytes, encoding: Encoding) -> tuple[bytes, int]:
    """UTF-8 of ``raw`` and how many bytes of it did not fit the encoding (they are kept as readable stand-ins)."""
    if encoding.name == "utf-8":
        if raw.isascii():
            return raw, 0
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("utf-8", "surrogateescape")
            strays = sum("\udc80" <= char <= "\udcff" for char in text)
            return text.translate(MIXED).encode("utf-8"), strays
        return raw, 0
    text = raw.decode(encoding.name, "replace")
    strays = text.count("\ufffd")
    if strays:
        strays -= raw.count("\ufffd".encode(encoding.name, "ignore")) if encoding.unit == 2 else 0
    return text.encode("utf-8", "replace"), max(strays, 0)
