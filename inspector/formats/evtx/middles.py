"""Time, record number and activity of many events at once, out of the bytes of their System blocks that do not repeat."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

TIME: Final = '<TimeCreated SystemTime="'
"""What stands in front of the time."""
SHORTEST_TIME: Final = 27
PADDING: Final = " " * 256
"""Follows the last event's text, so that no event has too few bytes to look at."""

_LONGEST_TIME: Final = 30
_NUMBER: Final = len('"></TimeCreated><EventRecordID>')
_DIGITS: Final = 18
_ACTIVITY: Final = len('</EventRecordID><Correlation ActivityID="')
_GUID: Final = 36

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Middles:
    """What System blocks say between what repeats; one entry for each event."""

    times: Integers
    """Microseconds since 1970."""
    numbers: Integers
    activities: pl.Series
    """Lower case, without braces; null for events that belong to none."""
    plain: Mask
    """Of which events this holds: whose System block is made as it is for the most part."""


def middles(data: Bytes, starts: Integers, ends: Integers) -> Middles:
    """Read what stands from each start (the time's first character) to each end (the channel's tag). ``PADDING`` follows in ``data``."""
    times, after, plain = _times(data, starts)
    numbers, last, counted = _numbers(data, after)
    return Middles(times, numbers, _activities(data, last, ends), plain & counted & (last < ends))


def rows_at(data: Bytes, starts: Integers, width: int) -> Bytes:
    """``width`` bytes from each start, as rows."""
    return _taken(data, starts, width).view(np.uint8).reshape(len(starts), width)


def are(data: Bytes, starts: Integers, text: bytes) -> Mask:
    """At which of these places the text stands."""
    found: Mask = _taken(data, starts, len(text)) == text
    return found


def words_at(data: Bytes, places: Integers) -> npt.NDArray[np.uint32]:
    """Four bytes from each place, as little endian numbers."""
    every: npt.NDArray[np.uint32] = np.ndarray((len(data) - 3,), "<u4", data, strides=(1,))
    return every[places]


def chance(count: int) -> npt.NDArray[np.uint64]:
    """Odd numbers of 64 bits that nobody can foresee: factors by which equal rows are told from others."""
    return np.frombuffer(os.urandom(8 * count), np.uint64) | np.uint64(1)


def _taken(data: Bytes, starts: Integers, width: int) -> npt.NDArray[np.bytes_]:
    every: npt.NDArray[np.bytes_] = np.ndarray((len(data) - width + 1,), f"S{width}", data, strides=(1,))
    return every[starts]  # ``take`` would copy all of it first


def _times(data: Bytes, starts: Integers) -> tuple[Integers, Integers, Mask]:
    """Times such as ``2024-05-17T08:30:00.123456Z``, with six to nine digits behind the point.

    Returns microseconds since 1970, where the record number behind each starts, and which of them are of this shape.
    """
    window = np.ascontiguousarray(rows_at(data, starts, _LONGEST_TIME + _NUMBER).T)
    fine = np.ones(len(starts), bool)
    for place, character in ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, ".")):
        fine &= window[place] == ord(character)
    digits = (window[:26] - np.uint8(48)).astype(np.int32)
    parts = []
    for at, count in ((0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2), (20, 6)):
        value = np.zeros(len(starts), np.int32)
        for digit in digits[at : at + count]:
            fine &= digit < 10
            value = value * 10 + digit
        parts.append(value)
    length = np.full(len(starts), SHORTEST_TIME)
    for place in range(SHORTEST_TIME - 1, _LONGEST_TIME - 1):
        more = (window[place] != ord("Z")) & (length == place + 1)
        if not more.any():
            break
        length += more
    ends = starts + length
    after = ends + _NUMBER
    # enough of the text between to know that nothing else stands there
    for places, character in ((ends - 1, "Z"), (ends, '"'), (ends + 1, ">"), (after - 14, "E"), (after - 1, ">")):
        fine &= data[places] == ord(character)
    year, month, day, hour, minute, second, fraction = parts
    fine &= (year > 1601) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(fine, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    date = months.astype("M8[D]") + (day - 1)
    fine &= date.astype("M8[M]") == months
    found: Integers = date.astype(np.int64) * 86_400
    found += (hour * 60 + minute) * 60 + second
    found *= 1_000_000
    found += fraction
    return found, after, fine


def _numbers(data: Bytes, starts: Integers) -> tuple[Integers, Integers, Mask]:
    """Record numbers, where each ends, and which of them are numbers of at most 18 digits."""
    digits = np.ascontiguousarray(rows_at(data, starts, _DIGITS).T) - np.uint8(48)
    value = np.zeros(len(starts), np.int64)
    going = np.ones(len(starts), bool)
    ends = starts.copy()
    for digit in digits:
        going &= digit < 10
        if not going.any():
            break
        value = np.where(going, value * 10 + digit, value)
        ends += going
    return value, ends, (data[ends] == ord("<")) & (ends > starts)


def _activities(data: Bytes, numbers: Integers, ends: Integers) -> pl.Series:
    """Activity IDs behind the record numbers, which end at ``numbers``."""
    at = numbers + _ACTIVITY
    inside = at + _GUID < ends
    given = np.flatnonzero(inside & (data[np.where(inside, at - 2, 0)] == ord("=")) & (data[np.where(inside, at - 12, 0)] == ord("A")))
    if not len(given):
        return pl.repeat(None, len(numbers), dtype=pl.String, eager=True)
    first = at[given] + (data[at[given]] == ord("{"))
    # sets the bit that makes letters lower case; digits and hyphens have it
    text = (rows_at(data, first, _GUID) | 0x20).tobytes().decode("ascii", "replace")
    found = pl.Series([*(text[place : place + _GUID] for place in range(0, len(text), _GUID)), None], dtype=pl.String)
    places = np.full(len(numbers), len(given), np.uint32)
    places[given] = np.arange(len(given))
    return found.gather(pl.Series(places))
