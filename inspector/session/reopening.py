"""Keeps marks on their events while row numbers change: into a case file, out of it again on any machine, and when logs are closed or read again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from inspector.casefile import Case, CaseFinding, CaseSource, EventKey, names_another_machine
from inspector.events import Source, ZoneBasis

if TYPE_CHECKING:
    from inspector.job import Job
    from inspector.session.session import Session

PASTED: Final = "pasted text "
"""How the names of pasted sources begin."""
MEMBER: Final = "!"
"""Between an archive's path and the name of its member."""
NEARBY_FILES: Final = 5_000
"""Files looked at beside a case file; a case may lie in a home folder."""
SEARCHED_FILES: Final = 200_000
"""Files looked at in a folder that the person named."""
PART: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Marked:
    """What a person marked, by row number."""

    bookmarks: frozenset[int] = frozenset()
    notes: Mapping[int, str] = field(default_factory=dict)
    highlighted: Mapping[int, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[int]:
        """Every marked row, in order."""
        return sorted({*self.bookmarks, *self.notes, *self.highlighted})


@dataclass(frozen=True, slots=True)
class Reopened:
    """How opening the sources of a case went."""

    marked: Marked
    rows: Mapping[EventKey, int]
    """Rows of the events that were asked for besides."""
    missing: tuple[int, ...]
    """Indices of sources of the case that are not open."""
    changed: tuple[int, ...]
    """Indices of sources whose file holds something else than it did; marks may stand at other events there."""
    moved: tuple[int, ...]
    """Indices of sources found at another place than the case names."""


def keeping(session: Session, rows: Sequence[int], change: Callable[[], Mapping[int, int]], job: Job) -> dict[int, int]:
    """Do something after which row numbers mean other events; old to new number of those ``rows`` that are still there.

    ``change`` tells which source got a new number (old to new), as a log that was read again does. Raises Cancelled.
    """
    before = [source.id for source in session.sources]
    keys = dict(zip(rows, session.keys_of(rows), strict=True)) if rows else {}
    renamed = change()
    places = {source.id: place for place, source in enumerate(session.sources)}
    now: dict[int, EventKey] = {}
    for row, key in keys.items():
        place = places.get(renamed.get(before[key.source], before[key.source]))
        if place is not None:
            now[row] = replace(key, source=place)
    found = session.rows_of(list(now.values()), job)
    return {row: found[key] for row, key in now.items() if key in found}


# ---- into a case


def case_of(session: Session, marked: Marked, job: Job, about: Case | None = None) -> Case:
    """The sources, their hashes, what was marked in them and the findings, as a case keeps them; everything else as in ``about``. Raises Cancelled."""
    session.finish_hashing(job)
    sources = session.sources
    keys = dict(zip(marked.rows, session.keys_of(marked.rows), strict=True)) if marked.rows else {}
    findings = session.diagnosis.findings if session.diagnosis is not None else ()
    return replace(
        about or Case(),
        sources=tuple(replace(kept, path=_lasting_path(one)) for one, kept in zip(sources, session.case_sources(), strict=True)),
        bookmarks=tuple(keys[row] for row in sorted(marked.bookmarks)),
        notes={keys[row]: text for row, text in sorted(marked.notes.items())},
        highlighted={keys[row]: colour for row, colour in sorted(marked.highlighted.items())},
        findings=tuple(
            CaseFinding(one.id, one.severity.value, one.cause.value, one.confidence.value, one.title, one.count) for one in findings
        ),
        pasted={number: one.path.read_text(encoding="utf-8") for number, one in enumerate(sources) if is_pasted(one.name)},
    )


def is_pasted(name: str) -> bool:
    """Whether a source was pasted: it has no file of its own."""
    return name.startswith(PASTED)


def is_member(source: Source) -> bool:
    """Whether a source came out of an archive."""
    return MEMBER in source.name and str(source.path) != source.name


def _lasting_path(source: Source) -> str:
    """Where a source can be opened again: the file itself, or the archive that it came out of."""
    return str(_archive_of(source.name) or source.path) if is_member(source) else str(source.path)


def _archive_of(name: str) -> Path | None:
    """The archive in a member's name; file names may hold the mark too, so that the disk decides."""
    pieces = name.split(MEMBER)
    for count in range(1, len(pieces)):
        path = Path(MEMBER.join(pieces[:count]))
        if path.is_file():
            return path
    return None


# ---- out of a case


def locate(sources: Sequence[CaseSource], beside: Path | None, folders: Sequence[Path], job: Job) -> dict[int, Path]:
    """Where the files of a case's sources are now, by index; those found nowhere are left out.

    First the path as saved, unless it leads to another machine; then, by hash, the folder of the case file (``beside``) and the folders below; then ``folders`` as the person
    named them. A file at its old path that holds something else now is taken only when its old content is nowhere. Raises Cancelled.
    """
    found: dict[int, Path] = {}
    replaced: dict[int, Path] = {}
    for number, source in enumerate(sources):
        path = Path(source.path)
        if is_pasted(source.name) or names_another_machine(source.path) or not _is_file(path):
            continue
        if _is_member(source) or path.stat().st_size == source.size:
            found[number] = path
        else:
            replaced[number] = path
    places = [(beside, NEARBY_FILES)] if beside is not None else []
    for folder, most in (*places, *((each, SEARCHED_FILES) for each in folders)):
        wanted = [number for number, one in enumerate(sources) if number not in found and not is_pasted(one.name)]
        if wanted:
            found |= _in_folder(sources, wanted, folder, most, job)
    return {**replaced, **found}


def reopen(
    session: Session,
    case: Case,
    found: Mapping[int, Path],
    job: Job,
    arrived: Callable[[int], None] | None = None,
    others: Sequence[EventKey] = (),
) -> Reopened:
    """Open the sources of a case where they were found, beside what is open, read and dated as they were. ``others``: further events whose rows are wanted. Raises Cancelled."""
    before = len(session.sources)
    paths = list(dict.fromkeys(found[number] for number in sorted(found)))
    session.open(paths, job, arrived)
    for number, text in sorted(case.pasted.items()):
        if is_pasted(case.sources[number].name) and text.strip():
            session.paste(text, job)
    session.finish_hashing(job)
    opened = _matched(case, found, session.sources[before:])
    wanted = {source.id for source in opened.values()}
    for source in session.sources[before:]:
        if source.id not in wanted and is_member(source):
            session.remove(source.id)  # of the same archive, but closed before the case was saved
    places: dict[int, int] = {}
    for number, source in opened.items():
        places[number] = _as_it_was(session, case.sources[number], source, job).id
    order = {source.id: place for place, source in enumerate(session.sources)}
    rows = _rows(session, case, {number: order[identity] for number, identity in places.items()}, others, job)
    kept = session.case_sources()
    return Reopened(
        marked=Marked(
            frozenset(rows[key] for key in case.bookmarks if key in rows),
            {rows[key]: text for key, text in case.notes.items() if key in rows},
            {rows[key]: colour for key, colour in case.highlighted.items() if key in rows},
        ),
        rows={key: rows[key] for key in others if key in rows},
        missing=tuple(number for number in range(len(case.sources)) if number not in places),
        changed=tuple(
            number
            for number, identity in sorted(places.items())
            if case.sources[number].sha256 and kept[order[identity]].sha256 != case.sources[number].sha256
        ),
        moved=tuple(number for number, path in sorted(found.items()) if number in places and str(path) != case.sources[number].path),
    )


def _rows(session: Session, case: Case, places: Mapping[int, int], others: Sequence[EventKey], job: Job) -> dict[EventKey, int]:
    """Rows of the marked events, by their key in the case."""
    keys = {*case.bookmarks, *case.notes, *case.highlighted, *others}
    now = {key: replace(key, source=places[key.source]) for key in keys if key.source in places}
    rows = session.rows_of(list(now.values()), job)
    return {key: rows[current] for key, current in now.items() if current in rows}


def _matched(case: Case, found: Mapping[int, Path], sources: Sequence[Source]) -> dict[int, Source]:
    """Which open source is which of the case's; every source once."""
    free = list(sources)
    opened: dict[int, Source] = {}
    for number, saved in enumerate(case.sources):
        if is_pasted(saved.name):
            pasted = [one for one in free if is_pasted(one.name)]
            fits = [one for one in pasted if one.sha256 == saved.sha256] or pasted
        elif number not in found:
            continue
        elif _is_member(saved):
            inner = saved.name.removeprefix(saved.path)
            fits = [one for one in free if one.name == f"{found[number]}{inner}"]
        else:
            fits = [one for one in free if one.path == found[number]]
        if fits:
            opened[number] = fits[0]
            free.remove(fits[0])
    return opened


def _as_it_was(session: Session, saved: CaseSource, source: Source, job: Job) -> Source:
    """The source read with the format and encoding of the case, its zone set as the person had set it."""
    if saved.format and (saved.format, saved.encoding) != (source.format, source.encoding) and not is_member(source):
        source = session.reload(source.id, job, saved.format, saved.encoding) or source
    if saved.zone.basis is ZoneBasis.USER:
        session.set_zone(source.id, saved.zone)
    return source


def _in_folder(sources: Sequence[CaseSource], wanted: Sequence[int], folder: Path, most: int, job: Job) -> dict[int, Path]:
    sizes = {sources[number].size for number in wanted if not _is_member(sources[number])}
    names = {Path(sources[number].path).name for number in wanted}
    by_size: dict[int, list[Path]] = {}
    by_name: dict[str, Path] = {}
    for path, size in _files(folder, most, job):
        if size in sizes:
            by_size.setdefault(size, []).append(path)
        if path.name in names:
            by_name.setdefault(path.name, path)
    found: dict[int, Path] = {}
    digests: dict[Path, str] = {}
    for number in wanted:
        source = sources[number]
        name = Path(source.path).name
        if _is_member(source):
            if name in by_name:
                found[number] = by_name[name]
            continue
        # A file of the same name first: most moved files keep theirs, and every other one costs a reading.
        for path in sorted(by_size.get(source.size, ()), key=lambda each: each.name != name):
            if not source.sha256:
                fits = path.name == name
            else:
                if path not in digests:
                    job.report(0, 0, path.name)
                    digests[path] = digest_of(path, job)
                fits = digests[path] == source.sha256
            if fits:
                found[number] = path
                break
    return found


def _files(folder: Path, most: int, job: Job) -> Iterator[tuple[Path, int]]:
    """Regular files of a folder and the folders below, nearest first; links are not followed."""
    waiting = [folder]
    left = most
    while waiting:
        below: list[Path] = []
        for current in waiting:
            job.check()
            try:
                with os.scandir(current) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in listed:
                try:
                    if entry.is_dir(follow_symlinks=False):
                        below.append(Path(entry.path))
                    elif entry.is_file(follow_symlinks=False):
                        left -= 1
                        if left < 0:
                            return
                        yield Path(entry.path), entry.stat(follow_symlinks=False).st_size
                except OSError:
                    continue
        waiting = below


def digest_of(path: Path, job: Job) -> str:
    """SHA-256 of a file; empty when it cannot be read. Raises Cancelled."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while part := stream.read(PART):
                job.check()
                digest.update(part)
    except OSError:
        return ""
    return digest.hexdigest()


def _is_member(source: CaseSource) -> bool:
    return MEMBER in source.name and source.name != source.path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
