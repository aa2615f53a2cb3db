"""What every package says about the program: names, version, file kinds and limits, in one place for all platforms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DIST: Final = ROOT / "dist"
"""Where what was built is put."""
NAME: Final = "token-log-inspector"
TITLE: Final = "Token Log Inspector"
MAKER: Final = "Token Log Inspector contributors"
SUMMARY: Final = "Says why a security token was refused"
ITALIAN_SUMMARY: Final = "Dice perché un token di sicurezza è stato rifiutato"
IDENTIFIER: Final = "org.tokenloginspector.Inspector"
"""The bundle identifier on macOS; file kinds are named below it."""
INSTALLER_ID: Final = "8C3B5D0E-6E0B-4C52-9E0B-0B5C0C2B6A41"
"""By this Windows knows that a newer installer replaces an older one: never to be changed."""
CONSOLE: Final = "inspector"
WINDOW: Final = "inspector-window"

FOLDER_LIMIT: Final = 320_000_000
"""Bytes of the unpacked folder on Linux."""
ARCHIVE_LIMIT: Final = 120_000_000
"""Bytes of the folder as one compressed file."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that the program opens by double click."""

    extension: str
    mime: str
    name: str
    italian: str
    parent_mime: str = ""
    parent_type: str = "public.data"
    """The uniform type on macOS that this one is a case of."""
    magic: tuple[int, str] | None = None
    """Offset and text that tell the kind by content, as shared-mime-info writes them."""
    own: bool = False
    """Whether the program writes such files itself; the others are everybody's, and are offered to, never seized."""

    @property
    def type_identifier(self) -> str:
        """The uniform type identifier on macOS."""
        return f"{IDENTIFIER.rsplit('.', 1)[0]}.{self.extension}"

    @property
    def prog_id(self) -> str:
        """The name of the kind in the Windows registry."""
        return f"TokenLogInspector.{self.extension}"


FILE_KINDS: Final = (
    FileKind("evtx", "application/x-ms-evtx", "Windows event log", "Registro eventi di Windows", magic=(0, r"ElfFile\0")),
    FileKind("evt", "application/x-ms-evt", "Windows event log (XP and 2003)", "Registro eventi di Windows (XP e 2003)", magic=(4, "LfLe")),
    FileKind("svclog", "application/x-wcf-svclog", "WCF trace", "Traccia WCF", "application/xml", "public.xml"),
    FileKind(
        "inspection",
        "application/x-inspection",
        "Token Log Inspector case",
        "Caso di Token Log Inspector",
        "application/vnd.sqlite3",
        own=True,
    ),
)


def version() -> str:
    """The version that the package says it is."""
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "inspector/__init__.py").read_text("utf-8"))
    assert found
    return found[1]


def version_numbers() -> tuple[int, int, int, int]:
    """The version as the four numbers that Windows wants; what is no number in it is left out."""
    numbers = [int(re.match(r"\d*", part)[0] or 0) for part in version().split("+")[0].split(".")]  # type: ignore[index]
    first, second, third, *_ = [*numbers, 0, 0, 0]
    return first, second, third, 0
