"""The layout comes back; a damaged settings file costs nothing but the layout; nothing of the log is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from inspector.gui import settings
from inspector.gui.settings import Settings
from inspector.gui.window import MainWindow

Settle = Callable[[MainWindow], None]


def test_comes_back(make_window: Callable[..., MainWindow], settings_path: Path) -> None:
    first = make_window()
    first.set_scheme("dark")
    first.change_text_size(1)
    first.toggle_detail_place()
    first.arrangement.show_column("channel", True)
    first.arrangement.show_column("provider", False)
    first.table.horizontalHeader().moveSection(first.table.horizontalHeader().visualIndex(first.model.columns.index("cause")), 0)
    first.table.setColumnWidth(first.model.columns.index("time"), 222)
    first.settings.saved_filters["mine"] = "level:error"
    first.menus.side_action.trigger()
    columns = first.arrangement.visible_columns()
    first.close()
    second = make_window()
    assert second.theme.dark
    assert second.settings.text_size == first.settings.text_size
    assert second.split.orientation() == Qt.Orientation.Horizontal
    assert second.arrangement.visible_columns() == columns
    assert columns[0] == "cause"
    assert second.table.columnWidth(second.model.columns.index("time")) == 222
    assert second.settings.saved_filters == {"mine": "level:error"}
    assert not second.menus.side_action.isChecked()
    assert settings_path.stat().st_mode & 0o077 == 0 or not hasattr(settings_path, "owner")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"recent": 5, "splitters": "x", "scheme": 7}', '{"geometry": "no base64!", "unknown": 1}']
)
def test_a_damaged_file_gives_the_defaults(make_window: Callable[..., MainWindow], settings_path: Path, text: str) -> None:
    settings_path.parent.mkdir(parents=True)
    settings_path.write_text(text, encoding="utf-8")
    window = make_window()
    assert window.settings.recent == []
    assert window.settings.scheme == "system"


def test_remembers_no_log_content(make_window: Callable[..., MainWindow], sample: Path, settings_path: Path, settle: Settle) -> None:
    window = make_window()
    window.open_paths([sample])
    settle(window)
    window.close()
    kept = json.loads(settings_path.read_text(encoding="utf-8"))
    assert kept["recent"] == [str(sample)]
    text = json.dumps({key: value for key, value in kept.items() if key not in {"recent", "last_folder", "open_sources"}})
    assert "ORDSRV03" not in text
    assert "WSE" not in text


def test_recent_files_have_no_doubles_and_an_end() -> None:
    kept = Settings()
    for number in range(40):
        kept.add_recent(f"file{number % 20}")
    assert len(kept.recent) == settings.RECENT
    assert kept.recent[0] == "file19"


def test_a_read_only_home_is_no_failure(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    settings.save(Settings(), blocked / "window.json")
    assert settings.load(blocked / "window.json") == Settings()


def test_a_narrow_table_keeps_room_for_the_message_until_columns_are_chosen(opened: MainWindow) -> None:
    hidden = opened.table.isColumnHidden
    number = opened.model.columns.index("computer")
    assert not hidden(number)
    opened.toggle_detail_place()
    assert hidden(number)
    assert not hidden(opened.model.columns.index("message"))
    opened.arrangement.show_column("computer", True)
    opened.resize(1200, 800)
    assert not hidden(number)
