"""Where the program's own data files are: beside the package in a checkout, inside the bundle of a frozen program."""

from __future__ import annotations

import sys
from pathlib import Path


def resource_path(name: str) -> Path:
    """Path of a file or folder below ``resources``, such as ``dictionary`` or ``icons/search.svg``. Raises FileNotFoundError."""
    bundle = getattr(sys, "_MEIPASS", None)
    package = Path(__file__).resolve().parent
    bases = [Path(bundle)] if bundle else [package.parent, package]
    for base in bases:
        path = base / "resources" / name
        if path.exists():
            return path
    raise FileNotFoundError(f"resources/{name} is not where the program looks for it: {', '.join(str(base) for base in bases)}")
