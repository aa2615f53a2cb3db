"""The timeline strip: what is drawn is the core's layout; zoom, hover and the slider keep to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication, QImage

from inspector.diagnosis.base import WhatIf
from inspector.gui.theme import DARK, LIGHT, Theme
from inspector.gui.timeline_view import SKEWS, TimelineView, passing
from inspector.timeline import Timeline, Verdict, build
from inspector.timeline.drawing import Rect, Text
from inspector.tokens.base import ValidityWindow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

CREATED = datetime(2026, 1, 26, 9, 0, tzinfo=UTC)


def message(late: timedelta) -> Timeline:
    window = ValidityWindow("wsu:Timestamp", CREATED, CREATED + timedelta(minutes=5), "Created", "Expires", "message")
    return build([window], CREATED + timedelta(minutes=5) + late, host="WEB01")


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    view = TimelineView()
    qtbot.addWidget(view)
    qtbot.addWidget(view.tools)
    view.restyle(LIGHT)
    view.resize(900, 300)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.mark.parametrize(
    ("late", "verdict"),
    [
        (timedelta(minutes=-2), Verdict.IN_TIME),
        (timedelta(seconds=41), Verdict.WITHIN_SKEW),
        (timedelta(minutes=7), Verdict.TOO_LATE),
        (timedelta(hours=-3), Verdict.TOO_EARLY),
    ],
)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda each: each.name)
def test_paints_every_verdict(view: TimelineView, late: timedelta, verdict: Verdict, colours: Theme) -> None:
    timeline = message(late)
    assert timeline.lanes[0].verdict is verdict
    view.restyle(colours)
    view.show_timeline(timeline)
    assert timeline.headline in {each.text for each in view.canvas.layout_.primitives if isinstance(each, Text)}  # type: ignore[union-attr]
    assert timeline.summary in view.canvas.accessibleDescription()
    picture = view.canvas.picture(1.0)
    lane = next(each for each in view.canvas.layout_.primitives if isinstance(each, Rect) and each.role == "lane-valid")  # type: ignore[union-attr]
    inside = picture.pixelColor(round(lane.x + lane.width / 2), round(lane.y + lane.height / 2))
    outside = picture.pixelColor(2, 2)
    assert inside != outside


def test_says_what_lies_under_the_mouse(view: TimelineView) -> None:
    view.show_timeline(message(timedelta(minutes=7)))
    layout = view.canvas.layout_
    assert layout is not None
    lane = next(each for each in layout.primitives if isinstance(each, Rect) and each.role == "lane-valid")
    assert "wsu:Timestamp" in view.canvas.title_at(QPointF(lane.x + 4, lane.y + 4))
    assert view.canvas.title_at(QPointF(0, 0)) == ""


def test_zooms_about_a_moment_and_fits_again(view: TimelineView) -> None:
    view.show_timeline(message(timedelta(minutes=7)))
    view.canvas.zoom(2, CREATED)
    assert view.canvas.view is not None
    start, end = view.canvas.view
    assert start <= CREATED <= end
    for _ in range(200):
        view.canvas.zoom(4)
    assert view.canvas.view[1] > view.canvas.view[0]
    for _ in range(200):
        view.canvas.zoom(0.25)
    assert view.canvas.view[1] - view.canvas.view[0] < timedelta(days=365 * 400)
    view.canvas.fit()
    assert view.canvas.view is None


def test_the_slider_tells_what_another_tolerance_would_change(view: TimelineView) -> None:
    timeline = message(timedelta(minutes=7))
    view.show_timeline(timeline)
    setting = "allowed clock difference of WCF"
    view.show_whole([WhatIf(setting, "5 min", 1, 3, "low"), WhatIf(setting, "10 min", 3, 1, "moderate")], [])
    view.skew.setValue(SKEWS.index(600) + 1)
    assert view.canvas.timeline is not None
    assert view.canvas.timeline.lanes[0].verdict is Verdict.WITHIN_SKEW
    assert "10 min" in view.skew_words.text()
    assert "3 of 4 refused would pass" in view.skew_words.text()
    view.skew.setValue(0)
    assert view.canvas.timeline is timeline
    assert view.skew_words.text() == "Allowed difference"


def test_counts_what_would_pass() -> None:
    known = [WhatIf("a", "5 min", 1, 3, ""), WhatIf("a", "15 min", 4, 0, ""), WhatIf("b", "1 min", 2, 0, "")]
    assert passing(known, timedelta(seconds=30)) == (0, 6)
    assert passing(known, timedelta(minutes=10)) == (3, 6)
    assert passing(known, timedelta(hours=1)) == (6, 6)
    assert passing([], timedelta(hours=1)) == (0, 0)


def test_copies_text_drawing_and_picture(view: TimelineView) -> None:
    timeline = message(timedelta(minutes=7))
    view.show_timeline(timeline)
    view.copy_text()
    copied = QGuiApplication.clipboard().text()
    assert timeline.summary in copied
    assert all(fact in copied for fact in timeline.facts)
    view.copy_svg()
    assert QGuiApplication.clipboard().text().startswith("<svg")
    view.copy_png()
    assert not QGuiApplication.clipboard().image().isNull()


def test_nothing_to_show_takes_no_room(view: TimelineView) -> None:
    view.show_timeline(None)
    assert not view.isVisible()
    assert not view.tools.isVisible()


def test_the_axis_stays_in_sight_where_there_are_more_lanes_than_room(view: TimelineView, qtbot: QtBot) -> None:
    windows = [
        ValidityWindow(f"window {number}", CREATED, CREATED + timedelta(minutes=5), "Created", "Expires", "message") for number in range(7)
    ]
    view.show_timeline(build(windows, CREATED, host="WEB01"))
    qtbot.wait(1)  # the scroll bar takes its room
    bar, layout = view.scroller.verticalScrollBar(), view.canvas.layout_
    assert layout is not None
    assert bar.maximum() > 0
    ratio = view.devicePixelRatioF()
    foot = round((layout.height - layout.plot_bottom) * ratio)

    def strip() -> QImage:
        picture = view.scroller.grab().toImage()
        return picture.copy(0, picture.height() - foot + 4, round(view.canvas.width() * ratio), foot - 4)

    bar.setValue(bar.maximum())
    at_the_end = strip()
    bar.setValue(0)
    assert strip() == at_the_end
