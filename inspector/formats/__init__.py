"""The log formats that can be opened, in the order in which they are asked."""

from __future__ import annotations

from typing import Final

from inspector.formats.base import Format
from inspector.formats.event_viewer_text import EVENT_VIEWER_TEXT
from inspector.formats.lines import LINES

FORMATS: Final[tuple[Format, ...]] = (EVENT_VIEWER_TEXT, LINES)
"""Every format; of equal scores the file name's ending decides, then the earlier one."""
