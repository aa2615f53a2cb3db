"""JSON objects and arrays: laid out, decoded where complete, also cut ones and those carried as text inside others."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from inspector.payloads.artefacts import artefact_notes
from inspector.payloads.base import Payload, gaps
from inspector.payloads.json_layout import lay_out_json, unfinished_json
from inspector.payloads.secret_places import secret_places
from inspector.tokens.base import Span
from inspector.xmltext import XmlText
from inspector.xmltext.escapes import Undone, undo_json_escapes


@dataclass(frozen=True, slots=True)
class JsonText(Payload):
    """A JSON object or array."""

    value: object = None
    """Decoded, where it is complete."""
    code: str = ""
    """What an error object calls its kind: ``__type``, ``error``, ``code``; empty otherwise."""
    escapes: int = 0
    complete: bool = True


_JSON_START: Final = re.compile(r"\{\s{0,80}\\*\"|\[\s{0,80}\{\s{0,80}\\*\"")
_JSON_NESTED: Final = re.compile(r"\{\s{0,20}\\+\"")
_PAIR: Final = re.compile(r"\"(?:[^\"\\]|\\.)*+\"\s*:")
_TELLING: Final = ("error", "error_description", "code", "Code", "__type", "message", "Message", "title")
_STRING_REST: Final = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)
_DECODER: Final = json.JSONDecoder(strict=False)
MAX_LAYERS: Final = 4


def _json_code(value: object) -> str:
    """Code of an error object: AWS ``__type``, OAuth ``error`` (RFC 6749 section 5.2), Microsoft ``error.code``."""
    if isinstance(value, dict):
        for name in ("__type", "error", "code", "Code", "errorCode"):
            word = value.get(name)
            if isinstance(word, dict):
                word = word.get("code")
            if isinstance(word, str) and word:
                return word.rpartition("#")[2][:120]
    return ""


def _json_title(value: object) -> str:
    if isinstance(value, dict):
        for name in _TELLING:
            word = value.get(name)
            if isinstance(word, dict):
                word = word.get("code") or word.get("message")
            if isinstance(word, str) and word:
                line = word.split("\n", 1)[0].strip()
                return f"JSON {name}: {line if len(line) <= 120 else line[:119] + '…'}"
    return "JSON"


class Json:
    """Finds JSON objects and arrays outside XML, also cut ones and those escaped inside strings."""

    name = "json"

    def find(self, text: str, documents: Sequence[XmlText], claimed: Collection[Span]) -> tuple[Payload, ...]:
        """Every object, in order; one carried as text inside another follows it."""
        del claimed
        if _JSON_START.search(text) is None:
            return ()
        found: list[Payload] = []
        for start, end in gaps(text, documents):
            self._look(text[start:end], (Undone(text[start:end], start),), 0, found)
        return tuple(found)

    def _look(self, text: str, layers: tuple[Undone, ...], escapes: int, found: list[Payload]) -> None:
        position = 0
        allowance = 4 * len(text) + 1000
        while (match := _JSON_START.search(text, position)) is not None:
            at = match.start()
            if "\\" in match.group():
                rest = _STRING_REST.match(text, at)
                end = rest.end() if rest else match.end()
                if escapes < MAX_LAYERS:
                    layer = undo_json_escapes(text[at:end], at)
                    self._look(layer.text, (*layers, layer), escapes + 1, found)
                position = max(end, match.end())
                continue
            value: object = None
            complete = False
            end = at
            if allowance > 0:
                try:
                    value, end = _DECODER.raw_decode(text, at)
                    complete = True
                except (json.JSONDecodeError, RecursionError):
                    pass
            if not complete:
                end, complete = unfinished_json(text, at)
                allowance -= end - at
                if _PAIR.search(text, at, end) is None:
                    position = match.end()
                    continue
            self._add(text, at, end, value, complete, layers, escapes, found)
            position = max(end, match.end())

    def _add(
        self, text: str, start: int, end: int, value: object, complete: bool, layers: tuple[Undone, ...], escapes: int, found: list[Payload]
    ) -> None:
        source = text[start:end]
        pretty = lay_out_json(source)
        span = (start, end)
        for layer in reversed(layers):
            span = layer.source_span(*span)
        found.append(
            JsonText(
                kind="json",
                title=_json_title(value),
                span=Span(*span),
                pretty=pretty,
                problems=(*(() if complete else ("cut: the JSON does not end",)), *artefact_notes(source)),
                secrets=tuple(Span(*place) for place in secret_places(pretty)),
                value=value,
                code=_json_code(value),
                escapes=escapes,
                complete=complete,
            )
        )
        if escapes < MAX_LAYERS and _JSON_NESTED.search(source):
            inner = _JSON_NESTED.search(source)
            while inner is not None:
                rest = _STRING_REST.match(source, inner.start())
                stop = max(rest.end() if rest else 0, inner.end())
                layer = undo_json_escapes(source[inner.start() : stop], inner.start())
                base = Undone(source, start)
                self._look(layer.text, (*layers, base, layer), escapes + 1, found)
                inner = _JSON_NESTED.search(source, stop)
