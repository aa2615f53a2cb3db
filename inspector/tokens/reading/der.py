"""Just enough of DER (X.690) to look into Kerberos and SPNEGO headers; every read is bounded by the bytes that are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_MAX_DEPTH: Final = 24
_MAX_VALUES: Final = 2_000


@dataclass(frozen=True, slots=True)
class DerValue:
    """One tag and its content."""

    tag: int
    content: bytes

    @property
    def constructed(self) -> bool:
        """Whether the content is made of further values."""
        return bool(self.tag & 0x20)


def read_value(data: bytes, position: int = 0) -> tuple[DerValue, int] | None:
    """The value at a position and where it ends; None where the bytes are no DER. A value cut at the end keeps what is there."""
    if position + 2 > len(data):
        return None
    tag, length, start = data[position], data[position + 1], position + 2
    if tag & 0x1F == 0x1F:
        return None
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or start + size > len(data):
            return None
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    return DerValue(tag, data[start : start + length]), start + length


def values(data: bytes) -> Iterator[DerValue]:
    """Values that follow each other."""
    position = 0
    for _ in range(_MAX_VALUES):
        found = read_value(data, position)
        if found is None:
            return
        yield found[0]
        position = found[1]


def field(data: bytes, number: int) -> bytes | None:
    """Content of the context-specific field of this number in a SEQUENCE's content."""
    return next((value.content for value in values(data) if value.tag in {0xA0 | number, 0x80 | number}), None)


def first_with_tag(data: bytes, tag: int, depth: int = 0) -> DerValue | None:
    """First value of a tag at any depth, octet strings looked into as well."""
    if depth > _MAX_DEPTH:
        return None
    for value in values(data):
        if value.tag == tag:
            return value
        if value.constructed or (value.tag == 0x04 and value.content[:1] in {b"\x30", b"\x60", b"\x6e", b"\xa0"}):
            inner = first_with_tag(value.content, tag, depth + 1)
            if inner is not None:
                return inner
    return None


def integer(data: bytes | None) -> int | None:
    """An INTEGER inside a field's content."""
    found = read_value(data) if data else None
    return int.from_bytes(found[0].content[:8], "big", signed=True) if found is not None and found[0].tag == 0x02 else None


def text(data: bytes | None) -> str:
    """A GeneralString (or its kin) inside a field's content."""
    found = read_value(data) if data else None
    return found[0].content.decode("utf-8", "replace") if found is not None else ""
