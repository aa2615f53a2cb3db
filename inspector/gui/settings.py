"""What the window remembers between starts: layout, theme, text size, recent files, saved filters. Never log content."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from inspector.saving import writing_text

RECENT: Final = 12


@dataclass(slots=True)
class Settings:
    """Remembered choices; a damaged or foreign file gives the defaults."""

    scheme: str = "system"
    text_size: int = 0
    """Points; 0 for the usual size."""
    language: str = ""
    """Empty for the system's."""
    zone: str = "utc"
    geometry: str = ""
    """Window geometry, base64."""
    splitters: dict[str, list[int]] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    """Visible columns, in order."""
    columns_chosen: bool = False
    """Whether the person has shown or hidden columns; until then narrow tables leave some out."""
    widths: dict[str, int] = field(default_factory=dict)
    detail_right: bool = False
    side_bar: bool = True
    overview: bool = True
    recent: list[str] = field(default_factory=list)
    saved_filters: dict[str, str] = field(default_factory=dict)
    open_sources: list[str] = field(default_factory=list)
    """Files open at the last end, offered again at the start."""
    highlight_rules: dict[str, str] = field(default_factory=dict)
    """Filter to the colour of what it matches."""
    last_filter: str = ""
    last_folder: str = ""

    def add_recent(self, path: str) -> None:
        """Put a path on top of the recent files."""
        self.recent = [path, *(each for each in self.recent if each != path)][:RECENT]


def load(path: Path) -> Settings:
    """Settings as saved; defaults for what is missing or of another type."""
    try:
        saved: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    settings = Settings()
    if isinstance(saved, dict):
        for each in fields(Settings):
            value = saved.get(each.name)
            if type(value) is type(getattr(settings, each.name)):
                setattr(settings, each.name, value)
    return settings


def save(settings: Settings, path: Path) -> None:
    """Write the settings whole or not at all; a read-only home is no reason to fail."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with writing_text(path) as file:
            json.dump(asdict(settings), file, indent=1)
