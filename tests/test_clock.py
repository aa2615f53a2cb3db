"""Offsets inferred from pairs, tolerances, and durations in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.clock import (
    CUSTOMARY,
    TOLERANCES,
    in_use,
    in_words,
    infer_offset,
    offset_text,
    quarter_shape,
    split_offset,
    tolerance_of,
)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (timedelta(minutes=6, seconds=3), "6 min 3 s"),
        (timedelta(hours=18, minutes=14, seconds=15), "18 h 14 min 15 s"),
        (timedelta(seconds=2.378), "2.378 s"),
        (timedelta(0), "0 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=1, seconds=4), "1 h 4 s"),
        (timedelta(days=116, hours=22, minutes=4), "116 d 22 h"),
        (timedelta(seconds=-59.5), "-59.5 s"),
        (timedelta(seconds=3599.9996), "1 h"),
    ],
)
def test_in_words(delta: timedelta, words: str) -> None:
    assert in_words(delta) == words


def test_one_hour_apart_is_a_zone_and_the_rest_a_clock() -> None:
    reading = infer_offset([(datetime(2006, 1, 26, 10, 21, 49, tzinfo=UTC), datetime(2006, 1, 26, 9, 21, 47, tzinfo=UTC))])
    assert reading is not None
    assert (reading.offset, reading.skew, reading.pairs) == (timedelta(hours=1), timedelta(seconds=2), 1)


def test_the_wall_clocks_own_zone_is_ignored_and_the_other_one_honoured() -> None:
    moment = datetime.fromisoformat("2011-09-15T14:28:16+02:00")
    reading = infer_offset([(datetime(2011, 9, 15, 14, 28, 16, tzinfo=UTC), moment)])
    assert reading is not None
    assert reading.offset == timedelta(hours=2)


def test_the_most_frequent_offset_wins_and_daylight_saving_shows() -> None:
    base = datetime(2024, 1, 1, tzinfo=UTC)
    pairs = [(base + timedelta(days=day, hours=1, seconds=3), base + timedelta(days=day)) for day in range(5)]
    pairs += [(base + timedelta(days=day, hours=2, seconds=3), base + timedelta(days=day)) for day in range(100, 103)]
    reading = infer_offset(pairs)
    assert reading is not None
    assert (reading.offset, reading.agreeing, reading.others) == (timedelta(hours=1), 5, {timedelta(hours=2): 3})
    assert not reading.is_certain


def test_a_pair_further_apart_than_any_zone_says_nothing() -> None:
    assert infer_offset([(datetime(2024, 1, 3, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))]) is None
    assert infer_offset([]) is None


@pytest.mark.parametrize(
    ("difference", "zone", "rest"),
    [
        (minutes(345), minutes(345), timedelta(0)),  # Nepal
        (minutes(80), minutes(60), minutes(20)),  # no zone is UTC+01:15
        (minutes(-150), minutes(-150), timedelta(0)),  # Newfoundland in summer
        (minutes(14 * 60 + 5), minutes(14 * 60), minutes(5)),
        (timedelta(hours=5, seconds=112), minutes(300), timedelta(seconds=112)),
    ],
)
def test_split_offset(difference: timedelta, zone: timedelta, rest: timedelta) -> None:
    assert split_offset(difference) == (zone, rest)


@given(st.timedeltas(min_value=timedelta(hours=-11), max_value=timedelta(hours=13)))
def test_split_offset_adds_up_and_names_a_zone_in_use(difference: timedelta) -> None:
    found = split_offset(difference)
    assert found is not None
    assert found[0] + found[1] == difference
    assert in_use(found[0])


def test_quarter_shape() -> None:
    assert quarter_shape(timedelta(minutes=59, seconds=43)) == timedelta(hours=1)
    assert quarter_shape(timedelta(minutes=59, seconds=43) * -1) == timedelta(hours=-1)
    assert quarter_shape(timedelta(minutes=6)) is None
    assert quarter_shape(timedelta(seconds=40)) is None


def test_offset_text() -> None:
    assert [offset_text(minutes(m)) for m in (60, -210, 0, 345)] == ["+01:00", "-03:30", "+00:00", "+05:45"]


def test_every_tolerance_names_its_source() -> None:
    assert all(t.source and t.late >= timedelta(0) and t.early >= timedelta(0) for t in TOLERANCES.values())
    assert TOLERANCES["WSE"].late == minutes(5)
    assert TOLERANCES["Spring SAML"].late == minutes(1)


def test_the_users_tolerance_replaces_the_default() -> None:
    assert tolerance_of("jjwt").late == timedelta(0)
    assert tolerance_of("jjwt", minutes(2)).late == minutes(2)
    assert tolerance_of("never heard of") is CUSTOMARY
