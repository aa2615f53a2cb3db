"""Archives of logs, unpacked into a private folder within limits."""

from __future__ import annotations

from inspector.archives.base import ArchiveError, Limits, Member, Unpacked
from inspector.archives.unpacking import is_archive, unpack

__all__ = ["ArchiveError", "Limits", "Member", "Unpacked", "is_archive", "unpack"]
