"""A damaged chunk: every record that can still be read, by whichever reader, and what is lost."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from inspector.formats.evtx import chunks, first_reader, last_reader
from inspector.formats.evtx.chunks import CHUNK_HEADER_SIZE, CHUNK_SIZE, Extent, Gap, Record
from inspector.formats.evtx.first_reader import DECLARATION, Refusal
from inspector.formats.evtx.second_reader import SecondReader, Unreadable, is_event


@dataclass(frozen=True, slots=True)
class Recovered:
    """One record that was read."""

    record: Record
    text: str
    second: bool = False
    """It was the second reader who read it."""
    damage: str = ""
    """Why that is not all of the record."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A place of a chunk that could not be read."""

    at: int
    """Byte of the chunk."""
    words: str
    """What is there, for a person: ``record 17`` or ``512 bytes``."""
    reason: str
    events: int
    """Events known to be lost."""
    is_gap: bool = False
    """Not even a record can be made out."""


def read_chunk(chunk: bytes, extent: Extent, *, second_alone: bool = False) -> Iterator[Recovered | Lost]:
    """The records of a chunk, of which the bytes at hand may be the first part only, in order; and what is lost of it.

    ``second_alone``: only our own reader is asked.
    """
    found = chunks.walk(chunk, extent)
    records = [item for item in found if isinstance(item, Record)]
    outcomes = dict(zip((record.offset for record in records), _first_outcomes(chunk, records, second_alone=second_alone), strict=True))
    second = SecondReader(chunk)
    asked = last_reader.MOST_RECORDS if second_alone else 0
    for item in found:
        if isinstance(item, Gap):
            words = "no record can be made out there" + (f"; {item.lost:,} are missing by their numbers" if item.lost else "")
            yield Lost(item.start, f"{item.end - item.start:,} bytes", words, item.lost, is_gap=True)
            continue
        outcome = outcomes[item.offset]
        if isinstance(outcome, str) and not is_event(outcome):
            outcome = Refusal("there is no event in it")
        if isinstance(outcome, Refusal):
            try:
                reading = second.event_xml(item.offset)
                yield Recovered(item, DECLARATION + reading.text, second=True, damage=reading.damage)
            except Unreadable as error:
                asked += 1
                text = last_reader.event_xml(chunk, item.offset) if asked <= last_reader.MOST_RECORDS else None
                if text is not None and is_event(text):
                    yield Recovered(item, DECLARATION + text, second=True, damage=f"only the last reader could read it: {error}")
                else:
                    yield Lost(item.offset, f"record {item.number:,}", f"its content is damaged: {error}", 1)
        else:
            yield Recovered(item, outcome, damage="its end is missing" if item.torn else "")


def read_record(chunk: bytes, at: int, length: int, *, second_alone: bool = False) -> str | None:
    """The XML of the one record that lies at that byte of a chunk; None where no reader can make it out, or our own alone."""
    found = chunks.record_at(chunk, at, len(chunk))
    if chunk[at : at + 4] != chunks.RECORD_MAGIC or (found is not None and found.length != length):
        return None
    record = found or Record(at, min(length, len(chunk) - at), 0, 0, torn=True)
    (outcome,) = _first_outcomes(chunk, [record], second_alone=second_alone)
    if isinstance(outcome, str) and is_event(outcome):
        return outcome
    try:
        return DECLARATION + SecondReader(chunk).event_xml(at).text
    except Unreadable:
        text = None if second_alone else last_reader.event_xml(chunk, at)
        return DECLARATION + text if text is not None and is_event(text) else None


def _first_outcomes(chunk: bytes, records: list[Record], *, second_alone: bool) -> list[str | Refusal]:
    """What the first reader makes of each record.

    It reads a chunk as a chain from byte 512 on and ends at the first broken link; so the chain is mended: every
    gap is made to look like a record, which it then refuses, or reads as something that is not asked for.
    """
    if not records:
        return []
    if second_alone or not first_reader.AVAILABLE:
        return [Refusal("the first reader was not asked")] * len(records)
    file, links = _mended(chunk, records)
    outcomes = first_reader.outcomes(io.BytesIO(file))
    if len(outcomes) == len(links):
        return [outcome for outcome, is_record in zip(outcomes, links, strict=True) if is_record]
    if len(records) == 1:
        return [next((one for one in outcomes if isinstance(one, Refusal)), Refusal("it was passed over"))]
    # one of the records ended the chunk early: each on its own
    return [outcome for record in records for outcome in _first_outcomes(chunk, [record], second_alone=False)]


def _mended(chunk: bytes, records: list[Record]) -> tuple[bytearray, list[bool]]:
    """A file of the one chunk, its chain whole; and for every link of it whether it is one of the records."""
    base = chunks.FILE_HEADER_SIZE
    last = records[-1]
    file = bytearray(chunks.file_header(1)) + chunk[:CHUNK_SIZE].ljust(CHUNK_SIZE, b"\0")
    file[base : base + CHUNK_HEADER_SIZE] = chunks.repaired_header(last.offset + last.length)
    links: list[bool] = []
    at = start = CHUNK_HEADER_SIZE
    for record in records:
        gap = record.offset - at
        if gap >= chunks.SMALLEST_RECORD:
            file[base + at : base + at + chunks.RECORD_HEADER_SIZE] = chunks.record_header(gap)
            links.append(False)
        elif gap:
            # too small for a record of its own: the one before reaches across
            struct.pack_into("<I", file, base + start + 4, record.offset - start)
        links.append(True)
        struct.pack_into("<I", file, base + record.offset + 4, record.length)
        start, at = record.offset, record.offset + record.length
    return file, links
