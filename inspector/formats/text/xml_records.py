"""Logs made of XML elements one after the other, with or without a root, whole or cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

import numpy as np
from lxml import etree

from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, encodings, event_xml, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile
from inspector.formats.text.gaps import Gaps
from inspector.formats.text.rows import Row, batch_of
from inspector.formats.text.xml_ends import closing_of

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE: Final = re.compile(
    r"&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}|[fF]{3}[eEfF])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));"
)
_SCAFFOLD: Final = re.compile(
    rb"<\?xml[^>]{0,400}\?>|<!DOCTYPE[^<>\[\]]{0,300}>|</?(?:[A-Za-z_][\w.-]{0,40}:)?(?:Events|Event|log|E2ETraceEvents|Objs|root)(?:\s[^<>]{0,400})?>|<!--.{0,400}?-->",
    re.DOTALL,
)
"""What may stand between records without being an event: declarations and roots."""
_MOST_PROBLEMS: Final = 20


def parse(text: str) -> tuple[etree._Element | None, str]:
    """The element of one record, and why it is not well-formed (empty when it is). What the parser can save of a broken one is kept."""
    if "<!DOCTYPE" in text[:2000] or "<!ENTITY" in text:
        return None, "a document type is declared, which no log needs"
    clean = _REFERENCE.sub("\ufffd", _FORBIDDEN.sub("\ufffd", text))
    data = clean.encode("utf-8", "replace")
    try:
        return etree.fromstring(data, event_xml.parser()), "" if clean == text else "characters that XML forbids were replaced"
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = str(error).split(", line")[0]
    saving = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        return etree.fromstring(data, saving), reason
    except (etree.XMLSyntaxError, ValueError):
        return None, reason


class XmlRecords:
    """A format of XML elements."""

    position_word: Literal["record", "line"] = "line"

    def __init__(
        self,
        name: str,
        title: str,
        recognised_by: str,
        extensions: Sequence[str],
        *,
        start: bytes,
        tags: Sequence[bytes],
        read_row: Callable[[etree._Element, str], Row],
        score: int = 92,
        namespaces: Mapping[str, str] | None = None,
    ) -> None:
        """``start``: pattern of a record's beginning with the tag's name as its one group that matched; ``tags``: those names.

        ``namespaces``: of prefixes that the records use without a root that declares them.
        """
        self.name = name
        self.title = title
        self.recognised_by = recognised_by
        self.extensions: Sequence[str] = tuple(extensions)
        self._start = re.compile(start)
        self._tags = tuple(tags)
        self._read_row = read_row
        self._score = score
        self._declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in (namespaces or {}).items())

    def sniff(self, head: bytes, name: str) -> int:
        """High when a record begins near the file's start, lower when it begins somewhere."""
        del name
        data = encodings.head_text(head)
        found = self._start.search(data)
        if found is None:
            return 0
        before = _SCAFFOLD.sub(b"", data[: found.start()]).strip(b"\xef\xbb\xbf \t\r\n\x00")
        return self._score if len(before) < 400 and before[:1] not in (b"{", b"[") else 0 if before[:1] in (b"{", b"[") else 30

    def prepare(self, opened: Opened) -> Prepared:
        """Settle the encoding and cut the file where records begin. Raises OSError."""
        with TextFile(opened) as text:
            return Prepared(blocks.settled(opened, text), blocks.pieces(text, self._starts), continues=True)

    def _starts(self, block: Block) -> Positions:
        return np.array([found.start() for found in self._start.finditer(block.data)], np.int64)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the records of a piece. Raises OSError."""
        gaps = Gaps(opened.name, "is shown as a plain row")
        told = 0
        strays = False
        with TextFile(opened) as text:
            for block, last, again in blocks.walk(text, piece):
                if block.strays and not strays:
                    strays = True
                    yield blocks.stray_problem(opened.name, block)
                rows, broken = self._rows(block, gaps, again, last=last)
                lines = block.line_numbers(np.array([at for at, _, _ in broken], np.int64)).tolist()
                for line, (_, reason, lost) in zip(lines, broken, strict=True):
                    told += 1
                    if told <= _MOST_PROBLEMS:
                        yield Problem(opened.name, f"line {line}", reason, lost)
                batch = batch_of(block, rows, opened.day_first, opened.now_year)
                if batch is not None:
                    yield batch
                yield ProgressMark(block.end)
        if told > _MOST_PROBLEMS:
            yield Problem(
                opened.name, "file", f"{told - _MOST_PROBLEMS} more records are not well-formed; they were read as far as they go"
            )
        yield from gaps.problems()

    def _rows(self, block: Block, gaps: Gaps, again: list[int], *, last: bool) -> tuple[list[Row], list[tuple[int, str, int]]]:
        data = block.data
        found = [(match.start(), match[match.lastindex or 1]) for match in self._start.finditer(data)]
        rows: list[Row] = []
        broken: list[tuple[int, str, int]] = []
        before = 0
        for number, (start, tag) in enumerate(found):
            limit = found[number + 1][0] if number + 1 < len(found) else len(data)
            closing = b"</" + tag + b">"
            close = closing_of(data, start, limit, tag)
            if close < 0 and (limit < len(data) or last or block.full):
                close = data.rfind(closing, start, limit)  # what looks like more of its kind inside is not
            if close < 0 and limit == len(data) and not last and not block.full:
                again.append(start)
                self._gap(block, gaps, rows, before, start)
                return rows, broken
            end = close + len(closing) if close >= 0 else start + len(data[start:limit].rstrip())
            self._gap(block, gaps, rows, before, start)
            text = data[start:end].decode("utf-8", "replace")
            root, reason = self._parse(text, tag)
            if close < 0:
                reason = "the record is cut: its end is missing"
            if root is None:
                row = Row(message=text.strip(), recovered=True)
            else:
                row = self._read_row(root, text)
                row.recovered = bool(reason)
            row.start, row.end = start, end
            if reason:
                broken.append((start, f"{reason}; read as far as it goes" if root is not None else f"{reason}; shown as plain text", 0))
            rows.append(row)
            before = end
        if not found and not last and not block.full:
            again.append(0)
        else:
            self._gap(block, gaps, rows, before, len(data))
        return rows, broken

    def _parse(self, text: str, tag: bytes) -> tuple[etree._Element | None, str]:
        name = tag.decode("ascii")
        if not self._declared or ":" not in name or f"xmlns:{name.partition(':')[0]}=" in text[:600]:
            return parse(text)
        return parse(f"<{name}{self._declared}{text[len(name) + 1 :]}")

    def _gap(self, block: Block, gaps: Gaps, rows: list[Row], start: int, end: int) -> None:
        between = _SCAFFOLD.sub(b"", block.data[start:end]) if end > start else b""
        if between.strip(b" \t\r\n\x00\xef\xbb\xbf"):
            gaps.add(block, start, end, between)
            rows.append(
                Row(
                    start=start,
                    end=end,
                    message=block.data[start:end].decode("utf-8", "replace").replace("\r\n", "\n").strip(),
                    recovered=True,
                )
            )

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The record as the log holds it. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """Every leaf and attribute of the record, by its path."""
        root, _ = self._parse(raw, next((tag for tag in self._tags if raw.startswith(f"<{tag.decode('ascii')}")), self._tags[0]))
        if root is None:
            return [("text", raw.strip())]
        found: list[tuple[str, str]] = []
        for node in root.iter():
            name = event_xml.local_name(node)
            if not name:
                continue
            if name == "Data" and node.get("Name"):
                found.append((str(node.get("Name")), event_xml.text_of(node)))
                continue
            found.extend((f"{name} {str(key).rpartition('}')[2]}", str(value)) for key, value in node.attrib.items())
            text = (node.text or "").strip()
            if text:
                found.append((name, text))
            if len(found) > 2000:
                break
        return found
