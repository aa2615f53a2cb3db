"""The Tokens tab: one card per token with its fields, validity, and the checks passed, failed or not possible."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from inspector.gui import icons
from inspector.gui.cards import Card, CardColumn, bullet, grid
from inspector.gui.masking import MASK
from inspector.gui.parts import label, pill
from inspector.gui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from inspector.tokens.base import Check, Token, ValidityWindow

OUTCOME_ICONS: Final = {"passed": ("circle-check", "success"), "failed": ("circle-x", "error"), "not possible": ("circle-minus", "muted")}
VALUE_LIMIT: Final = 400


class TokensView(CardColumn):
    """Cards for the tokens of one event; secrets stay masked until *Show* is pressed."""

    place_chosen = Signal(int, int)
    """Characters of the message where a token stands."""
    keys_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Tokens"))
        self.theme: Theme = LIGHT
        self._tokens: tuple[Token, ...] = ()
        self._revealed: set[int] = set()

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self._fill()

    def show_tokens(self, tokens: Sequence[Token]) -> None:
        """Show the tokens of an event."""
        self._tokens = tuple(tokens)
        self._revealed.clear()
        self._fill()

    def _fill(self) -> None:
        self.empty()
        for number, token in enumerate(self._tokens):
            self.body.addWidget(self._card(token, number, 0))
        if self._tokens:
            keys = QPushButton(self.tr("Keys and rules to check with…"))
            keys.clicked.connect(lambda _checked=False: self.keys_asked.emit())
            self.body.addWidget(keys, 0, Qt.AlignmentFlag.AlignLeft)
        self.finish()

    def _card(self, token: Token, number: int, depth: int) -> QWidget:
        card = Card(token.title)
        card.top.addWidget(pill(token.kind.replace("_", " "), "neutral"))
        failed = sum(each.outcome.value == "failed" for each in token.checks)
        if failed:
            card.top.addWidget(pill(self.tr("%d check failed") % failed if failed == 1 else self.tr("%d checks failed") % failed, "error"))
        if depth == 0:
            show = QPushButton(self.tr("Show in message"))
            show.clicked.connect(lambda: self.place_chosen.emit(token.span.start, token.span.end))
            card.top.addWidget(show)
        for problem in token.problems:
            card.body.addLayout(bullet(label(problem, wrap=True, selectable=True), self._mark("triangle-alert", self.theme.warning)))
        self._add_fields(card, token, number)
        for window in token.windows:
            card.text(f"{window.label}: {validity(window)}")
        for check in token.checks:
            self._add_check(card, check)
        for inner in token.inner:
            card.body.addWidget(self._card(inner, number, depth + 1))
        return card

    def _add_fields(self, card: Card, token: Token, number: int) -> None:
        names = {each.name.lower() for each in token.fields}
        extra = [
            (name, value)
            for name, value in (
                (self.tr("Issuer"), token.issuer),
                (self.tr("Audience"), ", ".join(token.audience)),
                (self.tr("Subject"), token.subject),
                (self.tr("Algorithm"), token.algorithm),
            )
            if value and name.lower() not in names
        ]
        table = grid()
        line = 0
        for name, value in extra:
            table.addWidget(label(name, "muted"), line, 0, Qt.AlignmentFlag.AlignTop)
            table.addWidget(label(_shorten(value), wrap=True, selectable=True), line, 1)
            line += 1
        revealed = number in self._revealed
        secret_there = False
        for each in token.fields:
            secret_there = secret_there or each.secret
            value = MASK if each.secret and not revealed else _shorten(each.value)
            table.addWidget(label(each.name, "muted"), line, 0, Qt.AlignmentFlag.AlignTop)
            table.addWidget(
                label(
                    f"{value}   {each.note}".rstrip() if each.note and not (each.secret and not revealed) else value,
                    wrap=True,
                    selectable=True,
                ),
                line,
                1,
            )
            line += 1
        card.body.addLayout(table)
        if secret_there:
            button = QPushButton(self.tr("Hide secrets") if revealed else self.tr("Show secrets"))
            button.clicked.connect(lambda: self._reveal(number))
            card.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_check(self, card: Card, check: Check) -> None:
        icon, colour = OUTCOME_ICONS[check.outcome.value]
        text = self.tr("{name}: {outcome}. {reason}").format(name=check.name.capitalize(), outcome=check.outcome.value, reason=check.reason)
        card.body.addLayout(bullet(label(text, wrap=True, selectable=True), self._mark(icon, getattr(self.theme, colour))))

    def _reveal(self, number: int) -> None:
        self._revealed.symmetric_difference_update({number})
        self._fill()

    def _mark(self, name: str, colour: str) -> QWidget:
        mark = label()
        mark.setPixmap(icons.pixmap(name, colour, 16, self.devicePixelRatioF()))
        mark.setFixedSize(16, 20)
        return mark


def validity(window: ValidityWindow) -> str:
    """``2026-01-26 09:21:49Z (Created) to 2026-01-26 09:26:49Z (Expires)``."""

    def bound(moment: datetime | None, name: str, missing: str) -> str:
        if moment is None:
            return missing
        shown = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return f"{shown} ({name})" if name else shown

    tr = QCoreApplication.translate
    start = bound(window.not_before, window.not_before_name, tr("TokensView", "no start"))
    end = bound(window.not_after, window.not_after_name, tr("TokensView", "no expiry"))
    return tr("TokensView", "{start} to {end}").format(start=start, end=end)


def _shorten(value: str) -> str:
    return value if len(value) <= VALUE_LIMIT else f"{value[:VALUE_LIMIT]}… ({len(value):,} characters)"
