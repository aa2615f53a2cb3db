"""Binary XML values as text, in the notation of the first reader (MS-EVEN6 2.2.12, BinXmlValueType)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

ARRAY: Final = 0x80
"""Bit that makes a type an array of it."""
BINARY_XML: Final = 0x21

_STRING: Final = 0x01
_ANSI_STRING: Final = 0x02
_SIZE_OF: Final = {
    0x03: 1,
    0x04: 1,
    0x05: 2,
    0x06: 2,
    0x07: 4,
    0x08: 4,
    0x09: 8,
    0x0A: 8,
    0x0B: 4,
    0x0C: 8,
    0x0D: 4,
    0x0F: 16,
    0x11: 8,
    0x12: 16,
    0x14: 4,
    0x15: 8,
}
"""Bytes of the types that always have as many."""

_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_CYCLE_DAYS: Final = 146_097
"""Days of the 400 years after which the calendar repeats itself."""


def texts(kind: int, data: bytes) -> list[str]:
    """The value as text; an array gives one for each of its items.

    Whatever cannot be what its type says is shown as the hexadecimal digits of its bytes.
    """
    if not kind & ARRAY:
        return [_text(kind, data)]
    base = kind & ~ARRAY
    if base == _STRING:
        items = _strings(data, "utf-16-le", 2)
    elif base == _ANSI_STRING:
        items = _strings(data, "cp1252", 1)
    else:
        size = _SIZE_OF.get(base, 0)
        if not size or len(data) % size:
            return [data.hex().upper()]
        items = [_text(base, data[at : at + size]) for at in range(0, len(data), size)]
    return items or [""]


def _strings(data: bytes, encoding: str, width: int) -> list[str]:
    text = data[: len(data) // width * width].decode(encoding, "replace")
    return text.removesuffix("\0").split("\0") if text else []


def _text(kind: int, data: bytes) -> str:
    convert = _CONVERTERS.get(kind)
    size = _SIZE_OF.get(kind)
    if not data:
        return ""
    if convert is None or (size is not None and len(data) != size):
        return data.hex().upper()
    try:
        return convert(data)
    except (ValueError, OverflowError, struct.error, IndexError):
        return data.hex().upper()


def _integer(layout: str) -> Callable[[bytes], str]:
    unpack = struct.Struct(layout).unpack
    return lambda data: str(unpack(data)[0])


def _boolean(data: bytes) -> str:
    value = int.from_bytes(data, "little", signed=True)
    return ("false", "true")[value] if value in {0, 1} else str(value)


def _hexadecimal(data: bytes) -> str:
    return f"0x{int.from_bytes(data, 'little'):x}"


def _float(data: bytes) -> str:
    """The shortest digits that give the same 32 bit number again."""
    (value,) = struct.unpack("<f", data)
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("<f", float(text)) == data:
            return str(float(text))
    return str(value)


def _double(data: bytes) -> str:
    return str(struct.unpack("<d", data)[0])


def _guid(data: bytes) -> str:
    first, second, third = struct.unpack_from("<IHH", data)
    return f"{first:08X}-{second:04X}-{third:04X}-{data[8:10].hex().upper()}-{data[10:16].hex().upper()}"


def _filetime(data: bytes) -> str:
    ticks = int.from_bytes(data, "little")
    days, rest = divmod(ticks, 864_000_000_000)
    cycles, days = divmod(days, _CYCLE_DAYS)
    moment = _EPOCH + timedelta(days=days, microseconds=rest // 10)
    return f"{moment.year + 400 * cycles:04d}{moment:-%m-%dT%H:%M:%S.%fZ}"


def _systemtime(data: bytes) -> str:
    year, month, _, day, hour, minute, second, millisecond = struct.unpack("<8H", data)
    moment = datetime(year, month, day, hour, minute, second, millisecond * 1000, tzinfo=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"


def _sid(data: bytes) -> str:
    count = data[1]
    if len(data) < 8 + 4 * count:
        raise ValueError
    subs = struct.unpack_from(f"<{count}I", data, 8)
    return "-".join(map(str, ("S", data[0], int.from_bytes(data[2:8], "big"), *subs)))


_CONVERTERS: Final[dict[int, Callable[[bytes], str]]] = {
    0x00: lambda _: "",
    _STRING: lambda data: data[: len(data) // 2 * 2].decode("utf-16-le", "replace").partition("\0")[0],
    _ANSI_STRING: lambda data: data.decode("cp1252", "replace").partition("\0")[0],
    0x03: _integer("<b"),
    0x04: _integer("<B"),
    0x05: _integer("<h"),
    0x06: _integer("<H"),
    0x07: _integer("<i"),
    0x08: _integer("<I"),
    0x09: _integer("<q"),
    0x0A: _integer("<Q"),
    0x0B: _float,
    0x0C: _double,
    0x0D: _boolean,
    0x0E: lambda data: data.hex().upper(),
    0x0F: _guid,
    0x10: _hexadecimal,
    0x11: _filetime,
    0x12: _systemtime,
    0x13: _sid,
    0x14: _hexadecimal,
    0x15: _hexadecimal,
}
