"""Every text of the window that can be translated, read out of the code with its context."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from inspector.events import Level
from inspector.gui.event_table import TITLES

GUI = Path(__file__).resolve().parent.parent.parent / "inspector" / "gui"


def translatable() -> set[tuple[str, str]]:
    """Context (the class) and English text."""
    found = {("Level", each.title) for each in Level} | {("Column", each) for each in TITLES.values()}
    for path in GUI.glob("*.py"):
        found |= set(_of(ast.parse(path.read_text(encoding="utf-8")), ""))
    return found


def _of(node: ast.AST, context: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ClassDef):
        context = node.name
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
        texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if name == "tr" and len(texts) == 1:
            yield context, texts[0]
        elif name in {"tr", "translate", "QT_TRANSLATE_NOOP"} and len(texts) == 2:
            yield texts[0], texts[1]
        elif name == "words" and texts:
            yield "StackView", texts[0]
    for each in ast.iter_child_nodes(node):
        yield from _of(each, context)
