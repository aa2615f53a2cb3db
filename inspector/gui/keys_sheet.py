"""The sheet of keys and rules: what tokens are judged with besides what the log holds. It stays open beside the window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from inspector.casefile import Supplied, SuppliedKind
from inspector.gui.parts import ElidedLabel, IconButton, bound, close_box, escaped, label, pill, restyle_buttons
from inspector.gui.theme import Theme

if TYPE_CHECKING:
    from inspector.tokens.base import Token

FILES = (SuppliedKind.TRUST, SuppliedKind.REVOKED, SuppliedKind.SECRET, SuppliedKind.PASSWORDS, SuppliedKind.RULES)
MOST_SECONDS = 24 * 60 * 60


class KeysSheet(QDialog):
    """Files and values, each change judged at once."""

    changed = Signal(object)
    """The things supplied now (a tuple of Supplied)."""

    def __init__(self, theme: Theme, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._folder = folder
        self._files: list[Supplied] = []
        self._refused: dict[Supplied, str] = {}
        self.setWindowTitle(self.tr("Keys and rules"))
        self.setAcceptDrops(True)
        self.setModal(False)
        self.resize(560, 480)
        self._titles = {
            SuppliedKind.TRUST: self.tr("Keys or metadata"),
            SuppliedKind.REVOKED: self.tr("Revoked"),
            SuppliedKind.SECRET: self.tr("Shared secret"),
            SuppliedKind.PASSWORDS: self.tr("Passwords"),
            SuppliedKind.RULES: self.tr("Rules"),
        }
        said = self.tr(
            "With the keys and lists of the service, signatures, issuers and revocation can be checked. "
            "Files are read here and sent nowhere; a case keeps their paths, not their content."
        )
        self._build_files()
        form = self._build_values()
        self.effect = label("", "muted", wrap=True)
        self.effect.setAccessibleName(self.tr("What the checks say"))
        foot = QHBoxLayout()
        foot.addWidget(self.effect, 1)
        foot.addWidget(close_box(self.tr("Close"), self.reject))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(label(said, wrap=True))
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(form)
        layout.addLayout(foot)
        self.audience.editingFinished.connect(self._emit)
        self.issuer.editingFinished.connect(self._emit)
        self.skew.valueChanged.connect(lambda _value: self._emit())
        self._last: tuple[Supplied, ...] = ()
        self._fill()

    def _build_files(self) -> None:
        self._list = QWidget()
        self._list.setObjectName("page")
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(8, 8, 8, 8)
        self._rows.setSpacing(4)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName(self.tr("Files supplied"))
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._list)
        self.add_button = QPushButton(self.tr("Add a file"))
        menu = QMenu(self.add_button)
        for kind, title in (
            (SuppliedKind.TRUST, self.tr("Keys or metadata (PEM, DER, JWKS, metadata XML)…")),
            (SuppliedKind.REVOKED, self.tr("Revocation list (CRL, or one serial number or jti a line)…")),
            (SuppliedKind.SECRET, self.tr("Shared secret (HS256 and its kin)…")),
            (SuppliedKind.PASSWORDS, self.tr("Passwords (one user:password a line)…")),
            (SuppliedKind.RULES, self.tr("Rules of your own (TOML)…")),
        ):
            menu.addAction(title, bound(self._ask_for, kind))
        self.add_button.setMenu(menu)

    def _build_values(self) -> QFormLayout:
        self.audience = QLineEdit()
        self.audience.setPlaceholderText(self.tr("what the service expects, such as api://orders; several with spaces"))
        self.issuer = QLineEdit()
        self.issuer.setPlaceholderText(self.tr("who the service trusts; several with spaces"))
        self.skew = QSpinBox()
        self.skew.setRange(-1, MOST_SECONDS)
        self.skew.setValue(-1)
        self.skew.setSpecialValueText(self.tr("as the software allows by itself"))
        self.skew.setSuffix(self.tr(" seconds"))
        self.skew.setKeyboardTracking(False)
        self.skew.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        for title, widget in (
            (self.tr("Audience"), self.audience),
            (self.tr("Issuer"), self.issuer),
            (self.tr("Allowed clock skew"), self.skew),
        ):
            widget.setAccessibleName(title)
            form.addRow(title, widget)
        return form

    @property
    def supplied(self) -> tuple[Supplied, ...]:
        """What is supplied as the sheet stands."""
        values = [Supplied(SuppliedKind.AUDIENCE, each) for each in self.audience.text().split()]
        values += [Supplied(SuppliedKind.ISSUER, each) for each in self.issuer.text().split()]
        if self.skew.value() >= 0:
            values.append(Supplied(SuppliedKind.SKEW, str(self.skew.value())))
        return (*self._files, *values)

    def show_supplied(self, supplied: Sequence[Supplied]) -> None:
        """Show what is supplied already."""
        self._last = tuple(supplied)
        self._files = [each for each in supplied if each.kind in FILES]
        self.audience.setText(" ".join(each.value for each in supplied if each.kind is SuppliedKind.AUDIENCE))
        self.issuer.setText(" ".join(each.value for each in supplied if each.kind is SuppliedKind.ISSUER))
        self.skew.blockSignals(True)
        self.skew.setValue(next((int(each.value) for each in supplied if each.kind is SuppliedKind.SKEW and each.value.isdigit()), -1))
        self.skew.blockSignals(False)
        self._fill()

    def show_refused(self, refused: Sequence[tuple[Supplied, str]]) -> None:
        """Say which files could not be used, and why."""
        self._refused = dict(refused)
        self._fill()

    def show_checks(self, tokens: Sequence[Token]) -> None:
        """Say how the checks of the event that is shown turned out."""
        counts = Counter(check.outcome.value for token in all_tokens(tokens) for check in token.checks)
        self.effect.setText(
            self.tr("Checks of the event shown: {passed} passed, {failed} failed, {not_possible} not possible").format(
                passed=counts["passed"], failed=counts["failed"], not_possible=counts["not possible"]
            )
            if counts
            else self.tr("The event shown holds no token to check.")
        )

    def add(self, kind: SuppliedKind, paths: Sequence[Path]) -> None:
        """Supply files."""
        new = [Supplied(kind, str(path.absolute())) for path in paths]
        self._files += [each for each in new if each not in self._files]
        self._fill()
        self._emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                path = Path(url.toLocalFile())
                kinds = {".toml": SuppliedKind.RULES, ".crl": SuppliedKind.REVOKED}
                self.add(kinds.get(path.suffix.lower(), SuppliedKind.TRUST), [path])
        event.acceptProposedAction()

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self._fill()

    def _ask_for(self, kind: SuppliedKind) -> None:
        paths, _filter = QFileDialog.getOpenFileNames(self, self._titles[kind], self._folder)
        if paths:
            self._folder = str(Path(paths[0]).parent)
            self.add(kind, [Path(each) for each in paths])

    def _remove(self, one: Supplied) -> None:
        self._files.remove(one)
        self._refused.pop(one, None)
        self._fill()
        self._emit()

    def _emit(self) -> None:
        now = self.supplied
        if now != self._last:
            self._last = now
            self.changed.emit(now)

    def _fill(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if not self._files:
            self._rows.addWidget(label(self.tr("No file yet. Drop files here, or add one below."), "muted", wrap=True))
        for one in self._files:
            self._rows.addWidget(self._row(one))
        self._rows.addStretch(1)
        restyle_buttons(self._list, self.theme)

    def _row(self, one: Supplied) -> QWidget:
        row = QWidget()
        lines = QVBoxLayout(row)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(8)
        name = ElidedLabel(Path(one.value).name)
        name.setToolTip(escaped(one.value))
        name.setAccessibleName(one.value)
        top.addWidget(pill(self._titles[one.kind], "error" if one in self._refused else "neutral"))
        top.addWidget(name, 1)
        top.addWidget(IconButton("x", self.tr("Take %s away") % Path(one.value).name, bound(self._remove, one)))
        lines.addLayout(top)
        if one in self._refused:
            lines.addWidget(label(self._refused[one], "mistake", wrap=True, selectable=True))
        return row


def all_tokens(tokens: Sequence[Token]) -> list[Token]:
    """Tokens and those inside them."""
    return [each for token in tokens for each in (token, *all_tokens(token.inner))]
