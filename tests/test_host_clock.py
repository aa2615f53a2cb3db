"""A host's clock over many messages: the band over time, and the lane beside one message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.timeline import UsualArrival, build, with_usual
from inspector.timeline.drawing import Layout, Rect, Shape, Text, estimate_width
from inspector.timeline.host_clock import host_clock_title, lay_out_host_clock
from inspector.timeline.layout import lay_out
from inspector.timeline.model import ClockSample
from inspector.timeline.palette import ROLES
from inspector.tokens.base import ValidityWindow

START = datetime(2026, 3, 3, 8, tzinfo=UTC)
STAMP = ValidityWindow("wsu:Timestamp", START, START + timedelta(minutes=5), "Created", "Expires", "message")
REPLY = ValidityWindow("wsu:Timestamp", START, START + timedelta(minutes=5), "Created", "Expires", "message", "fault reply")


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def clock(low: float, high: float, *, samples: int = 40, words: str = "constant: a clock difference") -> UsualArrival:
    middle = (low + high) / 2
    over_time = tuple(
        ClockSample(START + timedelta(minutes=5 * number), seconds(low), seconds(middle), seconds(high), 25) for number in range(samples)
    )
    return UsualArrival("WEB01", 1000, seconds(low), seconds(middle), seconds(high), words, over_time)


def texts(layout: Layout) -> list[str]:
    return [each.text for each in layout.primitives if isinstance(each, Text)]


def band(layout: Layout) -> Shape:
    return next(each for each in layout.primitives if isinstance(each, Shape) and each.role == "spread")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (421, 424, "logged 7 min 1 s to 7 min 4 s after their creation"),
        (-310, -300, "logged 5 min to 5 min 10 s before their creation"),
        (-2, 3.25, "logged from 2 s before to 3.2 s after their creation"),
        (60, 60, "logged 1 min after their creation"),
    ],
)
def test_the_band_is_said_in_one_sentence(low: float, high: float, words: str) -> None:
    assert host_clock_title(clock(low, high)) == f"WEB01: 1,000 messages were {words}; constant: a clock difference."


def test_a_clock_beyond_the_allowed_difference_lies_in_the_refused_zone() -> None:
    layout = lay_out_host_clock(clock(421, 424), 800)
    assert layout is not None
    refused = next(each for each in layout.primitives if isinstance(each, Rect) and each.role == "zone-late")
    heights = [y for _, y in band(layout).points]
    assert refused.y <= min(heights)
    assert max(heights) <= refused.y + refused.height
    assert "5 min usually allowed" in texts(layout)


def test_a_right_clock_is_drawn_near_zero_without_the_far_tolerance() -> None:
    layout = lay_out_host_clock(clock(0.2, 0.6), 800)
    assert layout is not None
    assert {"0", "+0.2 s", "+0.4 s"} <= set(texts(layout))
    assert not [each for each in layout.primitives if each.role in {"zone-late", "zone-early"}]


def test_a_long_pause_interrupts_the_band() -> None:
    steady = clock(10, 20)
    late = [ClockSample(each.time + timedelta(days=2), each.low, each.middle, each.high, each.count) for each in steady.samples]
    layout = lay_out_host_clock(UsualArrival("WEB01", 2000, steady.low, steady.middle, steady.high, "", (*steady.samples, *late)), 800)
    assert layout is not None
    assert len([each for each in layout.primitives if isinstance(each, Shape)]) == 2


def test_too_few_messages_show_nothing_over_time() -> None:
    assert lay_out_host_clock(clock(1, 2, samples=1), 800) is None


@given(
    st.lists(st.tuples(st.floats(-50_000, 50_000), st.floats(0, 50_000)), min_size=2, max_size=12),
    st.integers(100, 1600),
)
def test_any_band_stays_inside_its_drawing(spans: list[tuple[float, float]], width: int) -> None:
    samples = tuple(
        ClockSample(START + timedelta(hours=number), seconds(low), seconds(low + size / 2), seconds(low + size), 5)
        for number, (low, size) in enumerate(spans)
    )
    layout = lay_out_host_clock(UsualArrival("h", 60, seconds(0), seconds(1), seconds(2), "", samples), width)
    assert layout is not None
    for each in layout.primitives:
        assert each.role in ROLES
        if isinstance(each, Shape):
            assert all(-2 <= y <= layout.height for _, y in each.points)
        if isinstance(each, Text):
            assert 0 <= each.y <= layout.height + 0.5
            assert each.x + estimate_width(each.text, each.role) <= layout.width + 0.5 or width < 260


def test_the_hosts_clock_is_a_lane_beside_the_message() -> None:
    line = with_usual(build([STAMP], START + seconds(423), host="WEB01"), clock(421, 424))
    layout = lay_out(line, 960)
    assert {"WEB01's clock", "1,000 messages"} <= set(texts(layout))
    assert layout.scale is not None
    usual = next(each for each in layout.primitives if isinstance(each, Rect) and each.role == "lane-usual")
    assert usual.x == pytest.approx(layout.scale.x(START + seconds(421)))
    assert any("1,000 messages on WEB01: logged 7 min 1 s to 7 min 4 s after their creation" in fact for fact in line.facts)
    assert line.summary == build([STAMP], START + seconds(423), host="WEB01").summary


def test_beside_a_fault_replys_own_stamp_it_says_nothing() -> None:
    layout = lay_out(with_usual(build([REPLY], START, host="WEB01"), clock(421, 424)), 960)
    assert "WEB01's clock" not in texts(layout)
