"""The timeline: what it says, where it draws, and that both agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.clock import CUSTOMARY, Tolerance, tolerance_of
from inspector.timeline import Instant, Timeline, Verdict, build, with_tolerance
from inspector.timeline.drawing import Hatch, Layout, Line, Rect, Shape, Text, estimate_width
from inspector.timeline.lanes import MAX_LANES
from inspector.timeline.layout import fitted_view, lay_out
from inspector.timeline.palette import ROLES
from inspector.timeline.scale import scale_of, ticks_of
from inspector.timeline.text import timeline_text
from inspector.tokens.base import Span, ValidityWindow
from tests.golden_files import Golden


def at(hour: int, minute: int, second: int = 0, *, day: int = 31, month: int = 1, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def wse(window: ValidityWindow) -> Tolerance:
    return tolerance_of("X.509" if window.kind == "certificate" else "WSE")


STAMP = ValidityWindow("wsu:Timestamp", at(9, 21, 49), at(9, 26, 49), "Created", "Expires", "message")
REPLY = ValidityWindow("wsu:Timestamp", at(9, 21, 49), at(9, 26, 49), "Created", "Expires", "message", "fault reply")
ASSERTION = ValidityWindow("SAML 2.0 Conditions", at(9, 0), at(10, 0), "NotBefore", "NotOnOrAfter")
CERTIFICATE = ValidityWindow("certificate sts.example", at(0, 0, year=2025), at(0, 0, year=2027), "Not before", "Not after", "certificate")
ENDLESS = ValidityWindow("JWT", at(8, 0), None, "iat", "")

CASES: dict[str, Timeline] = {
    "in time": build([STAMP], at(9, 22, 30), host="WEB01", tolerance_for=wse),
    "41 s late": build([STAMP], at(9, 27, 30), time_note="10:27:30 local; +01:00 inferred", host="WEB01", tolerance_for=wse),
    "41 s late, refused": build([STAMP], at(9, 27, 30), host="WEB01", tolerance_for=wse, refused=True),
    "7 min late": build([STAMP], at(9, 33, 49), host="WEB01", tolerance_for=wse),
    "3 h early": build([STAMP], at(6, 21, 49), host="WEB01", tolerance_for=wse),
    "fault reply": build([REPLY], at(9, 21, 49), host="WEB01", tolerance_for=wse),
    "three windows": build([CERTIFICATE, ASSERTION, STAMP], at(9, 24), host="WEB01", tolerance_for=wse),
    "three windows late": build([STAMP, ASSERTION, CERTIFICATE], at(9, 34), host="WEB01", printed_now=at(9, 33, 58), tolerance_for=wse),
    "no expiry": build([ENDLESS], at(9, 24), host="WEB01", tolerance_for=wse),
    "only an end": build(
        [ValidityWindow("printed validity", None, at(9, 30), "", "ValidTo")],
        at(9, 34, 59),
        printed_now=at(9, 34, 58),
        host="WEB01",
        tolerance_for=wse,
    ),
    "a week late": build([STAMP], at(9, 24, day=7, month=2), host="WEB01", tolerance_for=wse),
    "crowded": build(
        [STAMP],
        at(9, 22, 0),
        host="WEB01",
        printed_now=at(9, 22, 1),
        tolerance_for=wse,
        instants=[
            Instant("request", at(9, 21, 50), "request"),
            Instant("reply", at(9, 22, 1), "reply"),
            Instant("a reply of quite another host", at(9, 22, 2), "reply"),
        ],
    ),
}


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("in time", "In time, 4 min 19 s left: wsu:Timestamp was checked 41 s after its creation; WSE would allow 5 min more by default. By WEB01's clock (the event's own time)."),
        ("41 s late", "41 s late, but tolerated: wsu:Timestamp expired 41 s before it was checked; WSE allows 5 min by default. By WEB01's clock (the event's own time)."),
        ("41 s late, refused", "41 s late, and refused: wsu:Timestamp expired 41 s before it was checked; WSE allows 5 min by default: this receiver must allow less. By WEB01's clock (the event's own time)."),
        ("7 min late", "Too late by 2 min: wsu:Timestamp expired 7 min before it was checked; WSE allows 5 min by default. By WEB01's clock (the event's own time)."),
        ("3 h early", "Too early by 2 h 55 min: wsu:Timestamp was checked 3 h before its creation; WSE allows 5 min by default. By WEB01's clock (the event's own time)."),
        ("fault reply", "No verdict on time: the only time stamp is the fault reply's own; when the refused request was created and expired is not in this event."),
        ("three windows", "In time, 2 min 49 s left: all 3 windows hold, and the first to end is wsu:Timestamp; WSE would allow 5 min more by default. By WEB01's clock (the event's own time)."),
        ("three windows late", "Too late by 2 min 9 s: wsu:Timestamp expired 7 min 9 s before it was checked; WSE allows 5 min by default. By the server's clock, as the message prints it."),
        ("no expiry", "No expiry: JWT states no end, so it cannot be too late; it was checked 1 h 24 min after its creation. By WEB01's clock (the event's own time)."),
    ],
)  # fmt: skip
def test_one_sentence_says_it(name: str, summary: str) -> None:
    assert CASES[name].summary == summary


@pytest.mark.parametrize(
    ("moment", "verdict", "delta"),
    [
        (at(9, 16, 48), Verdict.TOO_EARLY, timedelta(minutes=5, seconds=1)),
        (at(9, 16, 49), Verdict.WITHIN_SKEW, timedelta(minutes=5)),
        (at(9, 21, 48), Verdict.WITHIN_SKEW, timedelta(seconds=1)),
        (at(9, 21, 49), Verdict.IN_TIME, timedelta(0)),
        (at(9, 26, 48), Verdict.IN_TIME, timedelta(0)),
        (at(9, 26, 49), Verdict.WITHIN_SKEW, timedelta(0)),
        (at(9, 31, 48), Verdict.WITHIN_SKEW, timedelta(minutes=4, seconds=59)),
        (at(9, 31, 49), Verdict.TOO_LATE, timedelta(minutes=5)),
    ],
)
def test_bounds_count_to_the_second(moment: datetime, verdict: Verdict, delta: timedelta) -> None:
    (lane,) = build([STAMP], moment, tolerance_for=wse).lanes
    assert (lane.verdict, lane.delta) == (verdict, delta)


def test_the_printed_time_beats_the_events_and_the_users_beats_both() -> None:
    late, early, chosen = at(9, 40), at(9, 0), at(9, 22)
    assert build([STAMP], late).judged_at == late
    assert build([STAMP], late, printed_now=early).judged_at == early
    line = build([STAMP], late, printed_now=early, at=chosen)
    assert (line.judged_at, line.judged_by, line.lanes[0].verdict) == (chosen, "the moment you set", Verdict.IN_TIME)


def test_without_a_stated_end_the_receivers_limit_counts() -> None:
    open_stamp = ValidityWindow("wsu:Timestamp", at(9, 21, 49), None, "Created", "", "message")
    (lane,) = build([open_stamp], at(9, 40), tolerance_for=wse).lanes
    assert (lane.verdict, lane.end, lane.delta) == (Verdict.TOO_LATE, at(9, 26, 49), timedelta(minutes=13, seconds=11))
    assert build([open_stamp], at(9, 40)).lanes[0].verdict is Verdict.OPEN


def test_early_and_late_tolerance_differ_by_stack() -> None:
    wss4j = lambda _window: tolerance_of("WSS4J")  # noqa: E731
    assert build([STAMP], at(9, 26, 50), tolerance_for=wss4j).lanes[0].verdict is Verdict.TOO_LATE
    assert build([STAMP], at(9, 20, 49), tolerance_for=wss4j).lanes[0].verdict is Verdict.WITHIN_SKEW


def test_another_tolerance_is_judged_anew_and_said_to_be_tried() -> None:
    tried = with_tolerance(CASES["7 min late"], timedelta(minutes=10))
    assert tried.summary.startswith(
        "7 min late, but tolerated: wsu:Timestamp expired 7 min before it was checked; this setting allows 10 min."
    )
    assert (tried.instants, tried.judged_at) == (CASES["7 min late"].instants, CASES["7 min late"].judged_at)
    aged = build([replace(STAMP, not_after=None)], at(9, 40), tolerance_for=wse)
    assert with_tolerance(aged, timedelta(minutes=1)).lanes[0].beyond == timedelta(minutes=12, seconds=11)


def test_no_moment_no_verdict() -> None:
    line = build([STAMP], None)
    assert line.lanes[0].verdict is Verdict.NOT_JUDGED
    assert line.summary == "No verdict on time: no moment is known at which the token was judged."


def test_a_window_that_ends_before_it_starts_is_not_judged() -> None:
    line = build([ValidityWindow("JWT", at(10, 0), at(9, 0), "iat", "exp")], at(9, 30))
    assert line.lanes[0].verdict is Verdict.NOT_JUDGED
    assert "ends 1 h before it starts" in line.summary


def test_a_sign_in_beside_a_window_is_a_moment() -> None:
    sign_in = ValidityWindow("SAML 2.0 sign-in", at(8, 59), None, "AuthnInstant", "", "authentication")
    line = build([ASSERTION, sign_in], at(9, 30), tolerance_for=wse)
    assert [lane.window for lane in line.lanes] == [ASSERTION]
    assert Instant("SAML 2.0 sign-in", at(8, 59), "signed_in") in line.instants
    assert [lane.verdict for lane in build([ASSERTION, sign_in], at(8, 50), tolerance_for=wse).lanes] == [
        Verdict.TOO_EARLY,
        Verdict.TOO_EARLY,
    ]
    assert [lane.verdict for lane in build([sign_in], at(9, 30), tolerance_for=wse).lanes] == [Verdict.OPEN]


def test_one_window_seen_twice_is_one_lane() -> None:
    again = replace(STAMP, not_before_span=Span(5, 9))
    assert len(build([STAMP, again], at(9, 30)).lanes) == 1


def test_many_windows_are_counted_and_the_violated_ones_drawn() -> None:
    many = [ValidityWindow(f"JWT {number}", at(9, 0), at(10, 0, number), "iat", "exp") for number in range(30)]
    layout = lay_out(build([*many, STAMP], at(9, 45), tolerance_for=wse), 900)
    texts = {text for *_, text in boxes(layout)}
    assert f"and {31 - MAX_LANES} more windows: {31 - MAX_LANES} in time" in texts
    assert "wsu:Timestamp" in texts
    assert_sound(layout)


def test_nothing_to_show() -> None:
    assert build([], None).summary == "No validity window: no token or time stamp with a start or an end was found in this event."
    layout = lay_out(build([], None), 800)
    assert layout.scale is None
    assert "No validity window" in {text for *_, text in boxes(layout)}
    assert fitted_view(build([], None)) is None


def test_facts_say_everything_that_is_drawn() -> None:
    facts = " ".join(CASES["41 s late"].facts)
    for word in (
        "2026-01-31 09:27:30 UTC",
        "Created 2026-01-31 09:21:49 UTC",
        "Expires 2026-01-31 09:26:49 UTC",
        "5 min (WSE)",
        "+01:00 inferred",
        "41 s after expiry",
    ):
        assert word in facts


# --- drawing ------------------------------------------------------------------------------------------------------------


def boxes(layout: Layout) -> list[tuple[float, float, float, float, str]]:
    """Left, top, right, bottom of every text."""
    found = []
    for one in layout.primitives:
        if isinstance(one, Text):
            width = estimate_width(one.text, one.role)
            left = one.x - {"start": 0.0, "middle": width / 2, "end": width}[one.anchor]
            found.append((left, one.y - 9, left + width, one.y + 2, one.text))
    return found


def assert_sound(layout: Layout) -> None:
    """No two texts touch, nothing leaves the drawing, no line of an instant strikes a text through."""
    texts = boxes(layout)
    for number, (left, top, right, bottom, text) in enumerate(texts):
        assert left >= -0.5, text
        assert right <= layout.width + 0.5, text
        assert top >= 0, text
        assert bottom <= layout.height + 0.5, text
        for other_left, other_top, other_right, other_bottom, other in texts[number + 1 :]:
            assert left >= other_right or other_left >= right or top >= other_bottom or other_top >= bottom, (text, other)
    for one in layout.primitives:
        assert one.role in ROLES
        if isinstance(one, Line) and one.role.startswith("instant"):
            for left, top, right, bottom, text in texts:
                assert not (left < one.x1 < right and one.y1 < bottom - 2 and one.y2 > top + 2), text
        if isinstance(one, Rect | Hatch):
            assert one.width >= 0
            assert one.x >= 0
            assert one.x + one.width <= layout.width + 0.5


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("width", [420, 640, 960, 1600])
@pytest.mark.parametrize("offset", [None, timedelta(hours=5, minutes=30)])
def test_texts_never_touch(name: str, width: int, offset: timedelta | None) -> None:
    assert_sound(lay_out(CASES[name], width, offset=offset))


def roles(layout: Layout) -> set[str]:
    return {one.role for one in layout.primitives}


def rect(layout: Layout, role: str) -> Rect:
    return next(one for one in layout.primitives if isinstance(one, Rect) and one.role == role)


def test_late_part_runs_from_the_tolerance_to_the_moment() -> None:
    layout = lay_out(CASES["7 min late"], 960)
    assert layout.scale is not None
    late = rect(layout, "lane-late")
    assert late.x == pytest.approx(layout.scale.x(at(9, 31, 49)))
    assert late.x + late.width == pytest.approx(layout.scale.x(at(9, 33, 49)))
    valid = rect(layout, "lane-valid")
    assert (valid.x, valid.x + valid.width) == pytest.approx((layout.scale.x(at(9, 21, 49)), layout.scale.x(at(9, 26, 49))))
    told = {text for *_, text in boxes(layout)}
    assert {"Too late by 2 min", "too late by 2 min", "2 min too late", "7 min after expiry", "5 min allowed", "valid for 5 min"} <= told


def test_tolerated_is_not_drawn_as_late() -> None:
    found = roles(lay_out(CASES["41 s late"], 960))
    assert {"lane-tolerated", "skew"} <= found
    assert "lane-late" not in found


def test_the_replys_own_stamp_is_drawn_as_proving_nothing() -> None:
    found = roles(lay_out(CASES["fault reply"], 960))
    assert "lane-reply" in found
    assert not found & {"lane-valid", "lane-late", "lane-early", "skew"}


def test_far_ends_are_arrows_with_dates_and_short_windows_stay_readable() -> None:
    layout = lay_out(CASES["three windows"], 960)
    assert len([one for one in layout.primitives if isinstance(one, Shape) and one.role == "arrow"]) == 2
    assert {"Not before 2025-01-31", "Not after 2027-01-31"} <= {text for *_, text in boxes(layout)}
    shortest = min(one.width for one in layout.primitives if isinstance(one, Rect) and one.role == "lane-valid")
    assert shortest >= 40


def test_a_long_gap_is_folded_and_its_length_said() -> None:
    layout = lay_out(CASES["a week late"], 960)
    assert layout.scale is not None
    (fold,) = (stretch for stretch in layout.scale.stretches if stretch.folded)
    assert fold.right - fold.left < 120
    assert "6 d 23 h" in {text for *_, text in boxes(layout)}
    assert rect(layout, "lane-valid").width > 200


def test_what_is_tolerated_is_drawn_in_proportion() -> None:
    layout = lay_out(CASES["only an end"], 960)
    assert layout.scale is not None
    assert not any(stretch.folded for stretch in layout.scale.stretches)
    assert rect(layout, "lane-valid").width > 200
    assert rect(layout, "lane-tolerated").width > 200


def test_no_end_is_an_arrow() -> None:
    layout = lay_out(CASES["no expiry"], 960)
    assert len([one for one in layout.primitives if isinstance(one, Shape) and one.role == "arrow"]) == 1


def test_both_axes_stand_on_round_times_of_their_zone() -> None:
    layout = lay_out(CASES["7 min late"], 960, offset=timedelta(hours=5, minutes=30))
    labels = [one.text for one in layout.primitives if isinstance(one, Text) and one.role == "axis-label"]
    assert "09:24" in labels
    assert "14:54" in labels
    assert {one.text for one in layout.primitives if isinstance(one, Text) and one.role == "axis-name"} == {"UTC", "UTC+05:30"}


def test_zoom_shows_exactly_the_range() -> None:
    view = (at(9, 26, 0), at(9, 27, 0))
    layout = lay_out(CASES["7 min late"], 960, view=view)
    assert layout.scale is not None
    assert (layout.scale.start, layout.scale.end) == view
    assert_sound(layout)
    assert any(label.endswith("09:26:30") for *_, label in boxes(layout))


def test_scale_goes_both_ways() -> None:
    scale = scale_of(CASES["a week late"], 100, 900)
    assert scale is not None
    for moment in (at(9, 21, 49), at(9, 26, 49), at(9, 24, day=7, month=2)):
        assert abs(scale.time(scale.x(moment)) - moment) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("length", "label"),
    [
        (timedelta(seconds=20), "09:00:06"),
        (timedelta(hours=8), "12:00"),
        (timedelta(days=5), "2026-02-02"),
        (timedelta(days=400), "2026-07"),
        (timedelta(days=9000), "2040"),
    ],
)
def test_ticks_fit_the_length(length: timedelta, label: str) -> None:
    scale = scale_of(build([], None), 0, 800, (at(9, 0), at(9, 0) + length))
    assert scale is not None
    ticks = ticks_of(scale, timedelta(0), lambda text: 6.5 * len(text))
    assert 3 <= len(ticks) <= 14
    assert any(tick.label.endswith(label) for tick in ticks), [tick.label for tick in ticks]


EDGES = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
MOMENTS = st.one_of(
    st.sampled_from(EDGES),
    st.datetimes(timezones=st.just(UTC)),
    st.integers(0, 4000).map(lambda seconds: at(9, 0) + timedelta(seconds=seconds)),
)
WINDOWS = st.builds(
    ValidityWindow,
    label=st.text(max_size=60),
    not_before=st.none() | MOMENTS,
    not_after=st.none() | MOMENTS,
    not_before_name=st.sampled_from(["Created", "NotBefore", ""]),
    kind=st.sampled_from(["message", "token", "session", "certificate", "authentication", "else"]),
    belongs_to=st.sampled_from(["message", "fault reply"]),
)


@given(
    windows=st.lists(WINDOWS, max_size=5),
    event=st.none() | MOMENTS,
    printed=st.none() | MOMENTS,
    more=st.lists(st.builds(Instant, label=st.text(max_size=20), time=MOMENTS, kind=st.sampled_from(["request", "reply"])), max_size=6),
    width=st.integers(1, 2000),
    stack=st.sampled_from(["WSE", "jjwt", "WSS4J", "AWS S3"]),
    offset=st.none() | st.integers(-720, 840).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_any_input_is_drawn_and_said(
    windows: Sequence[ValidityWindow],
    event: datetime | None,
    printed: datetime | None,
    more: Sequence[Instant],
    width: int,
    stack: str,
    offset: timedelta | None,
) -> None:
    line = build(windows, event, printed_now=printed, instants=more, tolerance_for=lambda _window: tolerance_of(stack))
    assert line.summary
    layout = lay_out(line, width, offset=offset)
    assert layout.height > 0
    assert timeline_text(line, width).startswith(line.summary)
    for one in layout.primitives:
        for value in (getattr(one, name) for name in ("x", "y", "width", "height") if hasattr(one, name)):
            assert -10_000 < value < 100_000


def test_usual_tolerance_is_named_as_usual() -> None:
    assert "receivers usually allow 5 min" in build([STAMP], at(9, 40), tolerance_for=lambda _window: CUSTOMARY).summary


@pytest.mark.parametrize("ascii_only", [False, True])
def test_text_for_terminals(golden: Golden, *, ascii_only: bool) -> None:
    shown = "\n\n".join(timeline_text(line, 76, ascii_only=ascii_only) for line in CASES.values())
    if ascii_only:
        assert shown.isascii()
    golden.check(f"timeline/{'ascii' if ascii_only else 'blocks'}.txt", shown + "\n")
