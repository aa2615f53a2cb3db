"""Keys, lists and rules supplied in the window judge at once, and what cannot be used is said where it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from inspector.casefile import Supplied, SuppliedKind
from inspector.gui.keys_sheet import all_tokens

if TYPE_CHECKING:
    from inspector.gui.window import MainWindow

Settle = Callable[["MainWindow"], None]

SECOND_AUDIENCE = (
    '{"alg":"none"}',
    '{"aud":"api://orders","exp":1779876543,"iss":"https://idp.example"}',
)


def jwt_log(path: Path) -> Path:
    import base64

    token = ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in SECOND_AUDIENCE) + "."
    path.write_text(f"2026-03-14 08:00:00,000 [1] ERROR Shop.Gateway - Bearer {token} was refused\n", encoding="utf-8")
    return path


def audience_check(window: MainWindow) -> str:
    detail = window.detail.detail
    assert detail is not None
    return next((check.outcome.value for token in detail.contents.tokens for check in token.checks if check.name == "audience"), "")


def test_an_audience_is_judged_at_once_and_kept(window: MainWindow, tmp_path: Path, settle: Settle) -> None:
    window.open_paths([jwt_log(tmp_path / "gateway.log")])
    settle(window)
    window.go_to_row(0)
    settle(window)
    window.judging.open()
    sheet = window.judging.sheet
    assert sheet is not None
    assert not sheet.isModal()
    QTest.keyClicks(sheet.audience, "api://billing")
    QTest.keyClick(sheet.audience, Qt.Key.Key_Return)
    settle(window)
    assert audience_check(window) == "failed"
    detail = window.detail.detail
    assert detail is not None
    failed = sum(check.outcome.value == "failed" for token in all_tokens(detail.contents.tokens) for check in token.checks)
    assert f"{failed} failed" in sheet.effect.text()
    sheet.audience.setText("api://billing api://orders")
    sheet.audience.editingFinished.emit()
    settle(window)
    assert audience_check(window) == "passed"
    sheet.close()
    window.judging.open()
    assert sheet.audience.text() == "api://billing api://orders"
    sheet.close()


def test_dropped_files_are_taken_for_what_they_are_and_refused_with_the_reason(
    window: MainWindow, tmp_path: Path, sample: Path, settle: Settle
) -> None:
    window.open_paths([sample])
    settle(window)
    keys, rules = tmp_path / "keys<b>.pem", tmp_path / "mine.toml"
    keys.write_bytes(b"nothing of use")
    rules.write_text("[[entry]]\n", encoding="utf-8")
    window.judging.open()
    sheet = window.judging.sheet
    assert sheet is not None
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(keys)), QUrl.fromLocalFile(str(rules))])
    sheet.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))
    settle(window)
    assert sheet.supplied == (Supplied(SuppliedKind.TRUST, str(keys)), Supplied(SuppliedKind.RULES, str(rules)))
    said = [each.text() for each in sheet.findChildren(QLabel) if each.objectName() == "mistake" and each.isVisible()]
    assert len(said) == 2
    assert any("neither PEM nor DER" in each for each in said)
    assert any("mine.toml" in each for each in said)
    assert window.side_bar.findings.model.findings, "what can be used still judges"
    sheet.close()


def test_rules_of_ones_own_make_findings(window: MainWindow, tmp_path: Path, settle: Settle) -> None:
    log = tmp_path / "gateway.log"
    log.write_text("2026-03-14 08:00:00,000 [1] ERROR Shop.Gateway - GW-7: ticket 4711 refused\n", encoding="utf-8")
    rules = tmp_path / "gateway.toml"
    rules.write_text(
        '[[entry]]\nid = "gateway.revoked"\ntext = "GW-7: ticket .* refused"\nanchor = "GW-7"\nconfirmed = true\n'
        'title = "The gateway refused a withdrawn ticket"\ncauses = { revoked = 95 }\n',
        encoding="utf-8",
    )
    window.open_paths([log])
    settle(window)
    assert not window.side_bar.findings.model.findings
    window.case.supply((Supplied(SuppliedKind.RULES, str(rules)),))
    settle(window)
    assert window.judging.refused == ()
    assert [each.title for each in window.side_bar.findings.model.findings] == ["The gateway refused a withdrawn ticket"]
