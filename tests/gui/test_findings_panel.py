"""The findings panel while a diagnosis runs: it fills, says that more may come, and keeps what was selected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QModelIndex
from pytestqt.qtbot import QtBot

from inspector.diagnosis.base import Cause, Confidence, Diagnosis, EventRef, Finding, Hypothesis, Severity
from inspector.gui.engine import Engine
from inspector.gui.side_bar import FindingsPanel
from inspector.job import Job

WHEN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def finding(key: str, number: str = "", count: int = 1) -> Finding:
    return Finding(
        id=number,
        severity=Severity.ERROR,
        title=f"Refused: {key}",
        hypotheses=(Hypothesis(Cause.EXPIRED, Confidence.HIGH, "it had run out"),),
        facts={},
        next_steps=(),
        events=(EventRef(0, "a.log", "line 1", WHEN),),
        rows=tuple(range(count)),
        count=count,
        first_time=WHEN,
        last_time=WHEN,
        key=key,
    )


def partial(*keys: str) -> Diagnosis:
    return Diagnosis(findings=tuple(finding(key) for key in keys), complete=False)


@pytest.fixture
def panel(qtbot: QtBot) -> FindingsPanel:
    made = FindingsPanel()
    qtbot.addWidget(made)
    made.resize(300, 400)
    made.show()
    return made


def selected(panel: FindingsPanel) -> list[str]:
    return [panel.model.findings[index.row()].key for index in panel.list.selectionModel().selectedIndexes()]


def test_a_finding_that_was_selected_stays_so_while_others_come(panel: FindingsPanel) -> None:
    chosen: list[object] = []
    panel.finding_chosen.connect(chosen.append)
    panel.show_diagnosis(partial("a", "b"))
    assert panel.running.isVisible()
    assert not panel.export_button.isEnabled()
    panel.list.setCurrentIndex(panel.model.index(1))
    panel.show_diagnosis(partial("c", "a", "b"))
    assert selected(panel) == ["b"]
    panel.show_diagnosis(Diagnosis(findings=(finding("b", "F1", 3), finding("c", "F2"), finding("a", "F3"))))
    assert selected(panel) == ["b"]
    assert not panel.running.isVisible()
    assert panel.export_button.isEnabled()
    assert not chosen


def test_nothing_is_selected_by_itself_and_what_is_gone_is_not_replaced(panel: FindingsPanel) -> None:
    panel.show_diagnosis(partial("a", "b"))
    assert selected(panel) == []
    panel.list.setCurrentIndex(panel.model.index(1))
    panel.show_diagnosis(partial("a"))
    assert selected(panel) == []
    panel.mark(finding("a", "F9"))
    assert selected(panel) == ["a"]
    panel.mark(None)
    assert panel.list.selectionModel().selectedIndexes() == []
    assert panel.list.currentIndex() != QModelIndex()


def test_the_engine_hands_on_what_is_known_before_the_whole(qtbot: QtBot) -> None:
    class Slow:
        def __len__(self) -> int:
            return 1

        def diagnose(self, job: Job, arrived: Callable[[Diagnosis], None]) -> Diagnosis:
            job.check()
            arrived(partial("a"))
            return Diagnosis(findings=(finding("a", "F1"),))

        def close(self) -> None:
            pass

    engine = Engine(Slow)  # type: ignore[arg-type]
    told: list[object] = []
    engine.findings_came.connect(told.append)
    engine.diagnosed.connect(told.append)
    engine.start()
    qtbot.waitUntil(lambda: engine.is_ready)
    engine.diagnose()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert [known.complete for known in told if isinstance(known, Diagnosis)] == [False, True]
    engine.close()
