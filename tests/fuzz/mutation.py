"""Damages inputs by chance: for fuzzing without coverage, and for the short run in the suite."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

SPLINTERS: Final = (
    b"\x00", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n\r\n", b"\x1b[2J", b'"', b"'", b"<", b">", b"</", b"/>", b"]]>", b"<![CDATA[", b"<!--",
    b"<!DOCTYPE a [<!ENTITY e 'x'>]>", b"&amp;", b"&#0;", b"&lt;", b"{", b"}", b"[", b"]", b"\\u0000", b"\\ud800", b"-", b"0", b"9" * 20, b"1e999", b"0x",
    b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59.9999999Z", b"2024-02-30", b"\xe2\x80\xae", b"\xed\xa0\x80", b"(", b")", b"|", b"*", b"   at ", b" ---> ",
    b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\x7f\xff\xff\xff", b"%n", b"PK\x03\x04", b"eyJ", b"=", b".",
)  # fmt: skip
"""What readers stumble over."""


def mutated(seeds: Sequence[bytes], chance: random.Random, longest: int) -> bytes:
    """One of the seeds with a few changes, or two of them joined; at most ``longest`` bytes."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 1, 2, 4, 16, 200)))
        match chance.randrange(7):
            case 0:
                data[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end] * chance.choice((1, 2, 50))
            case 3:
                data[at:at] = chance.choice(SPLINTERS)
            case 4:
                data[at:end] = chance.choice(SPLINTERS)
            case 5:
                other = chance.choice(seeds)
                cut = chance.randrange(len(other) + 1)
                data[at:] = other[cut:]
            case _ if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case _:
                del data[at // 2 :]
    return bytes(data[:longest])
