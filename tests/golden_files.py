"""Comparing an output with the file that holds what it should be, and writing that file anew on request."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


@dataclass(frozen=True, slots=True)
class Golden:
    """The golden files, as a test is given them by the fixture ``golden``."""

    update: bool
    """Write instead of compare (``pytest --update-golden``)."""
    folder: Path = FOLDER

    def check(self, name: str, actual: str) -> None:
        """Compare a text with ``tests/golden/<name>``; AssertionError with the difference, or when there is no such file."""
        path = self.folder / name
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8", newline="")
            return
        assert path.exists(), f"No golden file {path}: look at the output, then run pytest --update-golden"
        expected = path.read_bytes().decode("utf-8")
        if actual != expected:
            lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "golden", "actual", lineterm="", n=2)
            difference = "\n".join(list(lines)[:80]) or "only line ends differ"
            raise AssertionError(f"{name} is not what it was (--update-golden writes it anew):\n{difference}")
