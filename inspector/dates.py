"""Every layout in which logs write a date and time, read one by one or by the column, with day and month told apart only on evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

Micros = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier gennaio gen enero ene janeiro",
            "feb february februar février févr fév febbraio febrero fevereiro fev",
            "mar march märz mär mars marzo março mrz",
            "apr april avril avr aprile abril abr",
            "may mai maggio mag mayo maio",
            "jun june juni juin giugno giu junio junho",
            "jul july juli juillet juil luglio lug julio julho",
            "aug august août agosto ago",
            "sep sept september septembre settembre set septiembre setembro",
            "oct october oktober okt octobre ottobre ott octubre outubro out",
            "nov november novembre noviembre novembro",
            "dec december dezember dez décembre déc dicembre dic diciembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
"""Month words of the languages in which Windows and Java write dates, lower case."""

ZONES: Final = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "cet": 60, "cest": 120, "mez": 60, "mesz": 120, "eet": 120, "eest": 180, "msk": 180,
    "jst": 540, "edt": -240, "cdt": -300, "mdt": -360, "pdt": -420, "mst": -420, "pst": -480, "akst": -540, "hst": -600,
}  # fmt: skip
"""Zone words with one meaning in logs, in minutes east of UTC. IST, CST, BST, EST and AST have several and are left undecided."""

_ZONE = r"(?P<zone>Z|[+-]\d\d:?\d\d|(?:UTC|GMT)(?:[+-]\d\d?(?::?\d\d)?)?|[A-Z]{3,5})"
_CLOCK = r"(?P<h>\d{1,2})[:.](?P<m>\d\d)(?:[:.](?P<s>\d\d))?(?:[.,:](?P<f>\d{1,9}))?"
_HALF = r"(?:\s*(?P<half>[AaPp]\.?\s?[Mm]\b\.?))?"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way of writing date and time."""

    name: str
    pattern: str
    """Regular expression in the dialect that Python's and Rust's engines share, anchored at both ends by the reader; groups y mo name d a b h m s f half zone epoch."""

    @property
    def expression(self) -> str:
        """The pattern for both dialects: digits are ASCII digits only."""
        return self.pattern.replace(r"[^\W\d_]", r"[^\W0-9_]").replace(r"\d", "[0-9]")


LAYOUTS: Final = (
    Layout("iso", r"(?P<y>\d{4})[-/.](?P<mo>\d\d?)[-/.](?P<d>\d\d?)(?:[Tt, :_]+(?P<h>\d{1,2})[:.](?P<m>\d\d)(?:[:.](?P<s>\d\d)(?:[.,:](?P<f>\d{1,9}))?)?" + _HALF + r"[\s]*" + _ZONE + r"?)?"),
    Layout("numeric", r"(?:[A-Za-z]{2,3}\.?,? )?(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<y>\d{4}|\d{2})\.?(?:[Tt,\s:]+" + _CLOCK + _HALF + r"(?:[\s]*" + _ZONE + r")?)?"),
    Layout("basic", r"(?P<y>\d{4})(?P<mo>\d\d)(?P<d>\d\d)[T -]?(?P<h>\d\d):?(?P<m>\d\d):?(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?\s?" + _ZONE + r"?"),
    Layout("day month year", r"(?:[^\W\d_]{2,10}\.?,? )?(?P<d>\d{1,2})\.?[ /-](?P<name>[^\W\d_]{3,10})\.?,?[ /-](?P<y>\d{4}|\d{2})(?:[ :T,]+" + _CLOCK + _HALF + r"(?:\s*" + _ZONE + r")?)?"),
    Layout("java", r"(?:[A-Z][a-z]{2} )?(?P<name>[A-Z][a-z]{2}) +(?P<d>\d{1,2}) (?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?(?: " + _ZONE + r")? (?P<y>\d{4})"),
    Layout("month day year", r"(?:[^\W\d_]{3,10},? )?(?P<name>[^\W\d_]{3,10})\.? +(?P<d>\d{1,2}),? +(?P<y>\d{4}),?(?: at)?\s+" + _CLOCK + _HALF + r"(?:\s*" + _ZONE + r")?"),
    Layout("syslog", r"(?P<name>[A-Z][a-z]{2}) +(?P<d>\d{1,2}) (?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?"),
    Layout("glog", r"(?P<mo>\d\d)(?P<d>\d\d) (?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)\.(?P<f>\d{6})"),
    Layout("epoch", r"(?P<epoch>\d{10}(?:\.\d{1,9})?|\d{13}|\d{16})"),
)  # fmt: skip
"""In the order in which they are tried."""

_COMPILED: Final = tuple(re.compile(rf"\s*(?:{layout.expression})\s*\Z") for layout in LAYOUTS)
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class ParsedTime:
    """A date and time as a log writes it."""

    wall: datetime
    """As written, without zone."""
    offset: timedelta | None = None
    """What the text says about the offset from UTC; None when it says nothing or uses a zone word with several meanings."""
    ambiguous: bool = False
    """Day and month could be the other way round; ``wall`` then holds the reading month first."""
    layout: str = ""
    """Name of the layout that matched."""

    @property
    def utc(self) -> datetime | None:
        """The moment, aware, in UTC; None while the offset is unknown."""
        return None if self.offset is None else (self.wall - self.offset).replace(tzinfo=UTC)

    @property
    def swapped(self) -> datetime:
        """An ambiguous date read the other way round."""
        return self.wall.replace(month=self.wall.day, day=self.wall.month) if self.ambiguous else self.wall


def zone_minutes(word: str) -> int | None:
    """Minutes east of UTC that a zone suffix states; None for a word of several meanings."""
    low = word.lower()
    if low in ZONES:
        return ZONES[low]
    found = re.fullmatch(r"(?:utc|gmt)?([+-])(\d\d?):?(\d\d)?", low)
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return (-minutes if found[1] == "-" else minutes) if minutes <= 15 * 60 else None


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else (1900 if year >= 70 else 2000) + year


def parse_time(text: str, day_first: bool | None = None, year: int | None = None) -> ParsedTime | None:
    """Read one date and time; None when the text is none. ``day_first`` settles 7/6/2000; ``year`` serves layouts that state none."""
    if len(text) > _LONGEST:
        return None
    for layout, pattern in zip(LAYOUTS, _COMPILED, strict=True):
        found = pattern.match(text)
        if found is None:
            continue
        parts = found.groupdict()
        if parts.get("epoch"):
            return _from_epoch(parts["epoch"])
        read = _from_parts(
            parts, day_first, year, dotted="." in text[: text.find(parts["y"])] if parts.get("a") else False, layout=layout.name
        )
        if read is not None:
            return read
    return None


def _from_epoch(digits: str) -> ParsedTime:
    whole, _, fraction = digits.partition(".")
    micros = int(whole) * 10 ** (16 - len(whole)) + int((fraction + "000000")[:6])
    return ParsedTime(datetime(1970, 1, 1) + timedelta(microseconds=micros), timedelta(0), layout="epoch")  # noqa: DTZ001 - wall clock


def _from_parts(parts: dict[str, str | None], day_first: bool | None, year: int | None, *, dotted: bool, layout: str) -> ParsedTime | None:
    ambiguous = False
    first, second = parts.get("a"), parts.get("b")
    if first and second:
        a, b = int(first), int(second)
        if a > 12 or (dotted and b <= 12):
            day, month = a, b
        elif b > 12:
            month, day = a, b
        elif day_first is not None:
            day, month = (a, b) if day_first else (b, a)
        else:
            month, day, ambiguous = a, b, a != b
    else:
        day = int(parts["d"] or 0)
        word = parts.get("name")
        named = MONTHS.get(word.lower(), 0) if word else int(parts.get("mo") or 0)
        month = named
    written = parts.get("y")
    if written:
        full = _full_year(written)
    elif year is not None:
        full = year
    else:
        return None
    hour = int(parts.get("h") or 0)
    half = (parts.get("half") or "")[:1].lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = ((parts.get("f") or "") + "000000")[:6]
    try:
        wall = datetime(full, month, day, hour, int(parts.get("m") or 0), int(parts.get("s") or 0), int(fraction))  # noqa: DTZ001 - wall clock
    except ValueError:
        return None
    zone = parts.get("zone")
    minutes = zone_minutes(zone) if zone else None
    return ParsedTime(wall, None if minutes is None else timedelta(minutes=minutes), ambiguous, layout)


@dataclass(frozen=True, slots=True)
class DateOrder:
    """Whether a log writes the day or the month first, and how that is known."""

    day_first: bool | None
    words: str
    """For a person; empty where no date of the log needed deciding."""


UNDECIDED: Final = "undecided: no date of the log has a part above 12; shown month first"
_ORDERED: Final = re.compile(r"(?<!\d)(\d{1,2})([/.-])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)")


def decide_order(texts: Iterable[str], label_language: str = "") -> DateOrder:
    """Decide the order for a whole log: by a date with a part above 12, by dots, by ``label_language`` (``de``, ``en`` ...), else not at all."""
    needed = False
    for text in texts:
        found = _ORDERED.search(text)
        if found is None:
            continue
        a, dot, b = int(found[1]), found[2], int(found[3])
        if a > 12 >= b:
            return DateOrder(True, f"day first, as {found[0]} shows")
        if b > 12 >= a:
            return DateOrder(False, f"month first, as {found[0]} shows")
        if dot == ".":
            return DateOrder(True, f"day first, as dates with dots are written ({found[0]})")
        needed = needed or a != b
    if not needed:
        return DateOrder(None, "")
    if label_language and label_language != "en":
        return DateOrder(True, f"day first, as the log's labels are in {_LANGUAGES.get(label_language, label_language)}")
    return DateOrder(None, UNDECIDED)


_LANGUAGES: Final = {"de": "German", "it": "Italian", "fr": "French", "es": "Spanish", "pt": "Portuguese"}


@dataclass(frozen=True, slots=True)
class Times:
    """A column of times."""

    micros: Micros
    """Microseconds since 1970: UTC where ``stated``, else wall clock written as if it were UTC."""
    valid: Mask
    stated: Mask
    """The text states the offset from UTC."""
    ambiguous: Mask
    """Day and month could be the other way round (read month first)."""

    def columns(self) -> tuple[pl.Series, pl.Series]:
        """The ``time`` and ``time_basis`` columns of the event table (TimeBasis: 0 none, 1 UTC, 2 local, 3 local and ambiguous)."""
        basis = np.where(~self.valid, 0, np.where(self.stated, 1, np.where(self.ambiguous, 3, 2))).astype(np.uint8)
        time = pl.Series("time", self.micros, dtype=pl.Int64)
        if not self.valid.all():
            time = time.to_frame().select(pl.when(pl.Series(self.valid)).then(pl.col("time"))).to_series()
        return time, pl.Series("time_basis", basis, dtype=pl.UInt8)


def days_from_civil(year: Micros, month: Micros, day: Micros) -> Micros:
    """Days since 1970-01-01 of proleptic Gregorian dates (Howard Hinnant's algorithm)."""
    shifted = year - (month <= 2)
    era = np.floor_divide(shifted, 400)
    of_era = shifted - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    days: Micros = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    return days


_DAYS_IN_MONTH: Final = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


def assemble(year: Micros, month: Micros, day: Micros, seconds: Micros, micros: Micros) -> tuple[Micros, Mask]:
    """Microseconds since 1970, and which dates exist."""
    ok = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1601) & (year <= 9999)
    safe = np.where(ok, month, 1)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    limit = _DAYS_IN_MONTH[safe] - ((safe == 2) & ~leap)
    ok &= day <= limit
    return (days_from_civil(year, safe, day) * 86400 + seconds) * 1_000_000 + micros, ok


@dataclass(frozen=True, slots=True)
class IsoTimes:
    """ISO-like times found at given positions."""

    times: Times
    widths: npt.NDArray[np.int64]
    """Bytes each one takes; 0 where there is none."""


def iso_at(data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> IsoTimes:
    """Read ``yyyy-MM-dd HH:mm:ss`` (also with ``/`` or ``.`` in the date, ``T`` between, a fraction after ``.`` ``,`` or ``:``, and a numeric zone or Z) at many positions at once."""
    count = len(starts)
    empty = np.zeros(count, bool)
    if count == 0 or len(data) < 19:
        return IsoTimes(Times(np.zeros(count, np.int64), empty, empty.copy(), empty.copy()), np.zeros(count, np.int64))
    # a cheap look first: most lines of a log with stack traces start with something else
    inside = starts <= len(data) - 19
    base = np.where(inside, starts, 0)
    chosen = np.flatnonzero(inside & (data[base + 13] == 58) & (data[base + 16] == 58) & (data[base + 4] == data[base + 7]))
    places = starts[chosen]
    limit = len(data) - 1

    def byte(number: int) -> npt.NDArray[np.uint8]:
        return data[np.minimum(places + number, limit)]

    ok = np.ones(len(chosen), bool)

    def digits(*numbers: int) -> Micros:
        """The number that the digits at these places make."""
        value = np.zeros(len(chosen), np.int64)
        for number in numbers:
            digit = byte(number) - 48  # wraps round for what comes before the digits
            np.logical_and(ok, digit <= 9, out=ok)
            value = value * 10 + digit
        return value

    year, month, day = digits(0, 1, 2, 3), digits(5, 6), digits(8, 9)
    hour, minute, second = digits(11, 12), digits(14, 15), digits(17, 18)
    between, joint = byte(4), byte(10)
    ok &= ((between >= 45) & (between <= 47)) & ((joint == 32) | (joint == 84) | (joint == 95) | (joint == 44))
    ok &= (hour < 24) & (minute < 60) & (second <= 60)
    micros, width = _fractions(data, places, limit)
    minutes, width, stated = _zones(data, places, limit, width)
    wall, exists = assemble(year, month, day, hour * 3600 + minute * 60 + second - minutes * 60, micros)
    ok &= exists
    result = np.zeros(count, np.int64)
    valid, known, widths = np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, np.int64)
    hits = chosen[ok]
    result[hits], valid[hits], known[hits], widths[hits] = wall[ok], True, stated[ok], width[ok]
    return IsoTimes(Times(result, valid, known, np.zeros(count, bool)), widths)


def _fractions(data: npt.NDArray[np.uint8], places: npt.NDArray[np.int64], limit: int) -> tuple[Micros, npt.NDArray[np.int64]]:
    """Microseconds behind the seconds, and the width of the time so far."""
    mark = data[np.minimum(places + 19, limit)]
    going = ((mark == 46) | (mark == 44) | (mark == 58)) & (data[np.minimum(places + 20, limit)] - 48 <= 9) & (places + 20 <= limit)
    micros = np.zeros(len(places), np.int64)
    width = np.where(going, 20, 19)
    scale = 100_000
    for number in range(20, 29):
        digit = data[np.minimum(places + number, limit)] - 48
        going &= (digit <= 9) & (places + number <= limit)
        if not going.any():
            break
        micros += np.where(going, digit * np.int64(scale), 0)
        width += going
        scale //= 10
    return micros, width


def _zones(
    data: npt.NDArray[np.uint8], places: npt.NDArray[np.int64], limit: int, width: npt.NDArray[np.int64]
) -> tuple[Micros, npt.NDArray[np.int64], Mask]:
    """Minutes east of UTC, the width with the zone, and where a zone stands."""
    at = places + width
    sign = data[np.minimum(at, limit)]
    minutes = np.zeros(len(places), np.int64)
    stated = np.zeros(len(places), bool)
    rows = np.flatnonzero((at <= limit) & ((sign == 90) | (sign == 43) | (sign == 45) | (sign == 32)))
    if not len(rows):
        return minutes, width, stated
    start = at[rows]

    def byte(number: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        found = data[np.minimum(start + number, limit)].astype(np.int64)
        return np.where(start + number <= limit, found, 10)

    zero = np.zeros(len(rows), np.int64)
    first = byte(zero)
    spaced = (first == 32).astype(np.int64)
    mark = byte(spaced)
    zulu = (first == 90) & ~_is_word(byte(zero + 1))
    high, low = byte(spaced + 1) - 48, byte(spaced + 2) - 48
    colon = (byte(spaced + 3) == 58).astype(np.int64)
    tens, ones = byte(spaced + 3 + colon) - 48, byte(spaced + 4 + colon) - 48
    numeric = (
        ((mark == 43) | (mark == 45))
        & (high >= 0)
        & (high <= 1)
        & (low >= 0)
        & (low <= 9)
        & (tens >= 0)
        & (tens <= 5)
        & (ones >= 0)
        & (ones <= 9)
    )
    numeric &= ~_is_word(byte(spaced + 5 + colon))
    east = (high * 10 + low) * 60 + tens * 10 + ones
    minutes[rows] = np.where(numeric, np.where(mark == 45, -east, east), 0)
    width = width.copy()
    width[rows] += np.where(zulu, 1, np.where(numeric, spaced + 5 + colon, 0))
    stated[rows] = zulu | numeric
    return minutes, width, stated


def _is_word(byte: npt.NDArray[np.int64]) -> Mask:
    return ((byte >= 48) & (byte <= 57)) | ((byte >= 65) & (byte <= 90)) | ((byte >= 97) & (byte <= 122))


def _integers(frame: pl.DataFrame, name: str) -> Micros:
    if name not in frame.columns:
        return np.zeros(len(frame), np.int64)
    return frame[name].cast(pl.Int64, strict=False).fill_null(0).to_numpy().astype(np.int64)


def read_column(texts: pl.Series, day_first: bool | None = None, year: int | None = None) -> Times:
    """Read a column of dates and times, whatever their layouts; what is none is not ``valid``."""
    count = len(texts)
    result = Times(np.zeros(count, np.int64), np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool))
    left = texts.is_not_null().to_numpy().copy()
    for layout in LAYOUTS:
        if not left.any():
            break
        chosen = np.flatnonzero(left)
        part = texts.gather(chosen) if len(chosen) < count else texts
        sample = part.head(64).to_list() + part.tail(8).to_list()
        if not any(text is not None and _COMPILED[LAYOUTS.index(layout)].match(text) for text in sample) and len(part) > 256:
            continue
        times = _read_layout(layout, part, day_first, year)
        hits = chosen[times.valid]
        for target, found in (
            (result.micros, times.micros),
            (result.valid, times.valid),
            (result.stated, times.stated),
            (result.ambiguous, times.ambiguous),
        ):
            target[hits] = found[times.valid]
        left[hits] = False
    return result


def _read_layout(layout: Layout, texts: pl.Series, day_first: bool | None, year: int | None) -> Times:
    frame = texts.str.extract_groups(rf"^\s*(?:{layout.expression})\s*$").struct.unnest()
    if layout.name == "epoch":
        return _epoch_column(frame["epoch"])
    empty = np.zeros(len(texts), bool)
    ambiguous = empty
    years = _integers(frame, "y")
    if "y" in frame.columns:
        present = frame["y"].is_not_null().to_numpy()
        short = (frame["y"].str.len_bytes() == 2).fill_null(False).to_numpy()
        years = np.where(short, years + np.where(years >= 70, 1900, 2000), years)
    else:
        present = frame["d"].is_not_null().to_numpy() & (year is not None)
        years = np.full(len(texts), year or 1970, np.int64)
    if "a" in frame.columns:
        a, b = _integers(frame, "a"), _integers(frame, "b")
        dotted = texts.str.contains(r"^\s*(?:[A-Za-z]{2,3}\.?,? )?\d{1,2}\.").fill_null(False).to_numpy()
        by_day = (a > 12) | (dotted & (b <= 12))
        by_month = (b > 12) & ~by_day
        open_ = ~by_day & ~by_month
        days_lead = by_day | (open_ & bool(day_first))
        day, month = np.where(days_lead, a, b), np.where(days_lead, b, a)
        ambiguous = open_ & (day_first is None) & (a != b)
    else:
        day = _integers(frame, "d")
        if "name" in frame.columns:
            month = frame["name"].str.to_lowercase().replace_strict(MONTHS, default=0, return_dtype=pl.Int64).fill_null(0).to_numpy()
        else:
            month = _integers(frame, "mo")
    hour, minute, second = _integers(frame, "h"), _integers(frame, "m"), _integers(frame, "s")
    ok = present & (minute < 60) & (second <= 60) & (hour < 24)
    if "half" in frame.columns:
        half = frame["half"].str.slice(0, 1).str.to_lowercase()
        has = half.is_not_null().to_numpy()
        ok &= ~has | ((hour >= 1) & (hour <= 12))
        hour = np.where(has, hour % 12 + np.where((half == "p").fill_null(False).to_numpy(), 12, 0), hour)
    micros = np.zeros(len(texts), np.int64)
    if "f" in frame.columns:
        micros = (frame["f"] + "000000").str.slice(0, 6).cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    stated, minutes = empty, np.zeros(len(texts), np.int64)
    if "zone" in frame.columns:
        words = frame["zone"].drop_nulls().unique().to_list()
        meaning = {word: zone_minutes(word) for word in words}
        offsets = (
            frame["zone"].replace_strict(meaning, default=None, return_dtype=pl.Int64)
            if meaning
            else pl.Series([None] * len(texts), dtype=pl.Int64)
        )
        stated, minutes = offsets.is_not_null().to_numpy(), offsets.fill_null(0).to_numpy()
    wall, exists = assemble(years, month, day, hour * 3600 + minute * 60 + second - minutes * 60, micros)
    valid = ok & exists
    return Times(wall, valid, stated & valid, ambiguous & valid & ~(stated & False))


def _epoch_column(texts: pl.Series) -> Times:
    whole = texts.str.extract(r"^(\d+)", 1)
    digits = whole.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
    number = whole.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    fraction = (
        (texts.str.extract(r"\.(\d+)$", 1).fill_null("") + "000000").str.slice(0, 6).cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    )
    valid = texts.is_not_null().to_numpy()
    micros = np.where(digits == 10, number * 1_000_000 + fraction, np.where(digits == 13, number * 1000, number))
    return Times(micros, valid, valid.copy(), np.zeros(len(texts), bool))


def micros_of(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment, or of a wall clock taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
