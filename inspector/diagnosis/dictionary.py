"""The error dictionary: reads its TOML files, built in or the user's own, and finds their entries in an event."""

from __future__ import annotations

import bisect
import itertools
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from inspector.diagnosis.base import Cause, Entry, EventText, Role, Severity, Signal
from inspector.diagnosis.escapes import plain_view
from inspector.diagnosis.linear_pattern import LatePattern, LinearPattern, Pattern, Place
from inspector.diagnosis.structure import STRUCTURES
from inspector.small_file import read_small
from inspector.tokens.base import Span


class RuleError(ValueError):
    """A dictionary file that cannot be used; the message names file and line and says what to change."""


LARGEST_FILE: Final = 4 * 1024 * 1024
"""Bytes of one dictionary file; ours together have 175,000."""
_FILE_KEYS: Final = frozenset({"about", "defaults", "entry"})
_TEXTS: Final = (
    "id",
    "title",
    "meaning",
    "role",
    "severity",
    "source",
    "stack",
    "text",
    "beside",
    "provider",
    "times",
    "structure",
    "example",
    "near_miss",
)
_LISTS: Final = ("code", "anchor", "fault", "event", "next_steps")
_TABLES: Final = ("causes", "field", "why", "confirm")
_FLAGS: Final = ("confirmed", "first_use")
_ENTRY_KEYS: Final = frozenset((*_TEXTS, *_LISTS, *_TABLES, *_FLAGS))
_QUOTE: Final = r"""(?:['"\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\u00b4`]|&#39;|&apos;|&quot;|\\u0027|\\")"""
"""``<Q>`` in a pattern: any quotation mark as logs write it."""
_CLASS: Final = re.compile(r"((?<!\\)\[\^?\]?(?:\\.|[^\]\\])*\])")
_BLANK: Final = re.compile(r"(?<!\\) (?![?*+{ ])")
_MATCHERS: Final = ("code", "text", "fault", "event", "structure")


class _Lines:
    """Line numbers of a TOML file's entries, for messages."""

    def __init__(self, text: str) -> None:
        lines = text.splitlines()
        self.starts = [number for number, line in enumerate(lines, 1) if line.strip().startswith("[[entry]]")]
        self.lines = lines

    def of(self, index: int, key: str = "") -> int:
        """Line of the entry's header, or of one of its keys."""
        if index >= len(self.starts):
            return 1
        start = self.starts[index]
        end = self.starts[index + 1] - 1 if index + 1 < len(self.starts) else len(self.lines)
        for number in range(start, end):
            if key and re.match(rf"\s*{re.escape(key)}\s*=", self.lines[number]):
                return number + 1
        return start


def _strings(value: Any) -> tuple[str, ...] | None:  # noqa: ANN401 - TOML values are of any type
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return (str(value),)
    if isinstance(value, list) and all(isinstance(item, (str, int)) and not isinstance(item, bool) for item in value):
        return tuple(str(item) for item in value)
    return None


def _spaced(pattern: str) -> str:
    """A pattern whose single blanks match any white space: logs wrap their lines, indent what follows and double blanks."""
    parts = _CLASS.split(pattern)
    return "".join(part if at % 2 else _BLANK.sub(r"\\s+", part) for at, part in enumerate(parts))


class _Reader:
    """Turns one parsed file into entries, with errors that name the place."""

    def __init__(self, name: str, text: str, *, trusted: bool) -> None:
        self.name = name
        self.trusted = trusted
        self.lines = _Lines(text)
        try:
            self.data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise RuleError(f"{name}: not valid TOML: {error}") from error
        self.index = 0

    def fail(self, key: str, reason: str) -> RuleError:
        return RuleError(f"{self.name}, line {self.lines.of(self.index, key)}: {reason}")

    def read(self) -> Iterator[Entry]:
        unknown = set(self.data) - _FILE_KEYS
        if unknown:
            raise RuleError(
                f"{self.name}, line 1: unknown key {min(unknown)!r}; a rule file has `about`, `[defaults]` and `[[entry]]` tables"
            )
        defaults = self.data.get("defaults", {})
        entries = self.data.get("entry", [])
        if not isinstance(defaults, dict) or not isinstance(entries, list):
            raise RuleError(f"{self.name}, line 1: write the rules as `[[entry]]` tables and their common part as one `[defaults]` table")
        for self.index, raw in enumerate(entries):
            if not isinstance(raw, dict):
                raise self.fail("", "write each rule as an `[[entry]]` table")
            yield self._entry({**defaults, **raw})

    def _entry(self, raw: Mapping[str, Any]) -> Entry:
        for key in raw:
            if key not in _ENTRY_KEYS:
                raise self.fail(key, f"unknown key {key!r}; known are {', '.join(sorted(_ENTRY_KEYS))}")
        texts = {key: self._text(raw, key) for key in _TEXTS}
        lists = {key: self._list(raw, key) for key in _LISTS}
        for key in _FLAGS:
            if not isinstance(raw.get(key, False), bool):
                raise self.fail(key, f"{key} must be true or false")
        if not any(raw.get(key) for key in _MATCHERS):
            raise self.fail("", f"nothing to match: give at least one of {', '.join(_MATCHERS)}")
        causes = self._causes(raw)
        text = self._pattern(texts, "text")
        codes = lists["code"]
        anchors = lists["anchor"] or codes or lists["fault"]
        events = self._events(lists["event"])
        if not anchors and not events:
            raise self.fail("text", "`text` needs an `anchor`: a literal of at least three characters that is in every text it can match")
        if any(len(anchor) < 3 for anchor in anchors):
            raise self.fail("anchor", "an anchor has at least three characters, or the prefilter lets everything pass")
        identity = texts["id"] or (codes or lists["fault"] or (f"event-{events[0]}",) if codes or lists["fault"] or events else ("",))[0]
        if not identity:
            raise self.fail("", "an entry that matches by `text` needs an `id`")
        if not texts["title"]:
            raise self.fail("", "an entry needs a `title`")
        return Entry(
            id=identity,
            title=texts["title"],
            meaning=texts["meaning"] or texts["title"],
            causes=causes,
            role=self._role(texts["role"]),
            severity=self._severity(texts["severity"]),
            confirmed=bool(raw.get("confirmed", False)),
            source=texts["source"],
            origin=f"{self.name}, line {self.lines.of(self.index)}",
            stack=texts["stack"],
            codes=codes,
            text=text,
            beside=self._pattern(texts, "beside"),
            anchors=anchors,
            faults=lists["fault"],
            structure=self._structure(texts["structure"]),
            provider=self._pattern(texts, "provider"),
            events=events,
            fields=self._fields(raw),
            times=self._pattern(texts, "times"),
            first_use=bool(raw.get("first_use", False)),
            why={self._cause(key, "why"): str(value) for key, value in self._table(raw, "why").items()},
            confirm={self._cause(key, "confirm"): _strings(value) or () for key, value in self._table(raw, "confirm").items()},
            next_steps=lists["next_steps"],
            example=texts["example"].replace("{code}", codes[0] if codes else ""),
            near_miss=texts["near_miss"].replace("{code}", codes[0] if codes else ""),
        )

    def _text(self, raw: Mapping[str, Any], key: str) -> str:
        value = raw.get(key, "")
        if not isinstance(value, str):
            raise self.fail(key, f"{key} must be text in quotes")
        return value

    def _list(self, raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = _strings(raw.get(key, []))
        if value is None:
            raise self.fail(key, f"{key} must be a value or a list of values")
        return value

    def _table(self, raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = raw.get(key, {})
        if not isinstance(value, dict):
            raise self.fail(key, f"{key} must be a table, such as {key} = {{ expired = ... }}")
        return value

    def _pattern(self, texts: Mapping[str, str], key: str) -> Pattern | None:
        if not texts[key]:
            return None
        written = _spaced(texts[key]).replace("<Q>", _QUOTE)
        try:
            return LatePattern(written) if self.trusted else LinearPattern(written)
        except ValueError as error:
            raise self.fail(key, f"{key} is no regular expression: {error}") from error

    def _structure(self, value: str) -> str:
        if value and value not in STRUCTURES:
            raise self.fail("structure", f"unknown structure {value!r}; known are {', '.join(STRUCTURES)}")
        return value

    def _role(self, value: str) -> Role:
        try:
            return Role(value or "cause")
        except ValueError:
            raise self.fail("role", f"unknown role {value!r}; known are {', '.join(Role)}") from None

    def _severity(self, value: str) -> Severity:
        try:
            return Severity(value or "error")
        except ValueError:
            raise self.fail("severity", f"unknown severity {value!r}; known are {', '.join(Severity)}") from None

    def _cause(self, name: str, key: str) -> Cause:
        try:
            return Cause(name)
        except ValueError:
            raise self.fail(key, f"unknown cause {name!r}; known are {', '.join(Cause)}") from None

    def _causes(self, raw: Mapping[str, Any]) -> dict[Cause, int]:
        causes = {}
        for name, weight in self._table(raw, "causes").items():
            if not isinstance(weight, int) or isinstance(weight, bool) or not 0 < weight <= 100:
                raise self.fail("causes", f"the weight of {name!r} must be a whole number from 1 to 100")
            causes[self._cause(name, "causes")] = weight
        if not causes and raw.get("role") not in {"context", "sign"}:
            raise self.fail("causes", "an entry needs `causes`, such as causes = { expired = 80, clock_skew = 15 }")
        return causes

    def _events(self, values: Iterable[str]) -> tuple[int, ...]:
        try:
            return tuple(int(value) for value in values)
        except ValueError:
            raise self.fail("event", "event IDs are whole numbers") from None

    def _fields(self, raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        fields = {}
        for name, value in self._table(raw, "field").items():
            values = _strings(value)
            if values is None:
                raise self.fail("field", f"the value of field {name!r} must be a value or a list of values")
            fields[name] = tuple(item.casefold() for item in values)
        return fields


def read_rules(name: str, text: str, *, trusted: bool = False) -> tuple[Entry, ...]:
    """Entries of one dictionary file. Raises RuleError, which names the file and the line.

    ``trusted``: it is one of ours, whose patterns are tested; those of others are searched by an engine that never runs away.
    """
    entries = tuple(_Reader(name, text, trusted=trusted).read())
    seen: dict[str, Entry] = {}
    for entry in entries:
        if entry.id in seen:
            raise RuleError(
                f"{entry.origin}: the id {entry.id!r} is already used at {seen[entry.id].origin}; give one of them its own `id`"
            )
        seen[entry.id] = entry
    return entries


def load(folder: Path, rules: Sequence[Path] = (), check: Callable[[], None] | None = None) -> Dictionary:
    """The built-in dictionary of a folder, with the user's own files after it; an entry of theirs replaces one of the same id. Raises RuleError.

    ``check`` is called before each file, to stop by raising.
    """
    entries: dict[str, Entry] = {}
    ours = sorted(folder.glob("*.toml"))
    for number, path in enumerate((*ours, *rules)):
        if check is not None:
            check()
        try:
            text = read_small(path, LARGEST_FILE).decode("utf-8-sig").replace("\r\n", "\n")
        except OSError as error:
            raise RuleError(f"{path.name}: cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise RuleError(f"{path.name}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
        entries.update((entry.id, entry) for entry in read_rules(path.name, text, trusted=number < len(ours)))
    return Dictionary(tuple(entries.values()))


_WORD: Final = re.compile(r"0[xX][0-9A-Fa-f]{2,8}(?![0-9A-Za-z])|[A-Za-z][A-Za-z0-9_]{2,}")
_NESTING: Final = re.compile(
    r"--->|\bCaused by:|\bnested exception is\b|<InnerException>|\bInner ?Exception:|Underlying cause:|\bRoot cause:", re.IGNORECASE
)
_NESTING_SIGNS: Final = ("--->", "caused by:", "nested exception", "<innerexception>", "inner", "underlying cause:", "root cause:")
"""What every match of ``_NESTING`` holds, in lower case: looked for first, because a plain search is much faster than a pattern."""
_EVENT_ID: Final = re.compile(
    r"<EventID[^>]*>\s*(\d{1,6})|\bEvent ?ID[\"'\\]*\s*[:=]?\s*[\"'\\]*(?:0x[0-9a-f]{1,8} \((\d{1,6})\)|(\d{1,6})\b)", re.IGNORECASE
)
_EVENT_ID_ANCHORS: Final = ("<eventid", "event id", "eventid:", "eventid=", 'eventid":', 'eventid\\":')
"""Literals of a text that quotes an event, for logs that are no event logs themselves."""
_PROVIDER: Final = re.compile(
    r"""Provider ?Name(?:=|["'\\]*\s*:\s*)["'\\]*([^"'\\]{2,80})|\b(?:Event )?Source(?: ?Name)?\s*[:=]?\s*([A-Za-z][\w .-]{2,80})""",
    re.IGNORECASE,
)
_SIGN_IN: Final = re.compile(r"""\b(?:resultType|errorCode|error_codes)["\\]*\s*[:=]\s*[\["\\ ]*(\d{5,8})(?![\d.])""", re.IGNORECASE)
"""Where sign-in logs of Entra ID state an AADSTS number without its prefix."""
_SIGN_IN_ANCHORS: Final = ("resulttype", "errorcode", "error_codes")
_TYPE: Final = re.compile(r"(?:Exception|Error|Signature)\Z")
_SPOKEN_OF: Final = re.compile(
    r"\b(?:handl(?:e|es|ed|ing)|adds?|added|adding|fix(?:e[sd]|ing)?|updat(?:e[sd]?|ing)|catch|catches|catching|rescue|except|import|introduce[sd]?|supports?)\s+(?:the |an? |for )?[`'\"(]*[\w.\\:]*\Z",
    re.IGNORECASE,
)
"""What stands before the name of an exception in source text and change logs, where nothing was thrown."""
_LISTED: Final = re.compile(r"""["']\s*(?::|=>)\s*(?:true|false|null|nil|None|True|False|-?\d+)\b""")
"""What stands behind a quoted code that a table of codes lists, where nothing happened."""
_BLANK_TO_FILL: Final = re.compile(r"\$\{[\w.]{1,40}\}|<%=")
"""A place that a template leaves open for the value of a message."""
_CHAIN: Final = re.compile(r"\b(?:failed|failure|refused|denied|rejected): +(?=\w)", re.IGNORECASE)
"""Between a failure and, on the same line, its reason."""
_TIMES_BEFORE: Final = 300
_TIMES_REACH: Final = 1200
"""Characters behind a match in which its printed times are looked for."""
_MOST_TIMES: Final = 200
"""Places of one word in one event that are looked at."""
_WORDS: Final = 20_000
"""Words between two looks whether to stop."""
_SHORT: Final = 20_000
"""Characters up to which one search for each literal is quicker than one search for all of them."""
_FEW: Final = 20
_REACH: Final = 4_000
"""Characters around a literal in which a text that holds it is looked for, in a long message; ours reach a few hundred."""
_MOST_PLACES: Final = 2_000
"""Places of one literal in one long message around which is searched; with more of them, the whole message is."""
_NEAR: Final = 500
"""Characters around an event ID written in a text in which its source is looked for."""


def _go_on() -> None:
    """Nobody asks to stop."""


@dataclass(frozen=True, slots=True)
class _Identity:
    """A provider and event ID, and where the text states them."""

    provider: str
    event_id: int
    span: Span


def _identities(event: EventText, folded: str) -> list[_Identity]:
    """Provider and event ID of an event: its columns, else what its text states, for logs that were pasted or quoted."""
    if event.event_id is not None and event.provider:
        return [_Identity(event.provider, event.event_id, Span(0, min(len(event.message), 80)))]
    found = []
    for match in _EVENT_ID.finditer(event.message) if "event" in folded else ():
        near = event.message[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        providers = [next(filter(None, name.groups())) for name in _PROVIDER.finditer(near)]
        found.append(
            _Identity(event.provider or " / ".join(providers), int(next(filter(None, match.groups()))), Span(match.start(), match.end()))
        )
    return found


def _normal(value: str) -> str:
    value = value.strip().casefold()
    return f"0x{value[2:].lstrip('0') or '0'}" if value.startswith("0x") else value


def _field_pattern(names: str) -> re.Pattern[str]:
    """Where an event's text states a field: ``name: value`` lines, rendered labels (``Sub Status:``), XML data, key=value."""
    spaced = "|".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ?", re.escape(name).replace(r"\ ", " ")) for name in names.split("|"))
    return re.compile(rf"""(?<![A-Za-z])(?<!Sub )(?:{spaced})(?:["']\s*>|["']?[ \t]*[:=])[ \t]*["']?([^\s"'<>,;]{{1,80}})""", re.IGNORECASE)


class _Places:
    """Where literals stand in a long text, so that patterns search around them and not all of it."""

    def __init__(self, folded: str) -> None:
        self._folded = folded
        self._found: dict[str, tuple[int, ...] | None] = {}

    def search(self, entry: Entry, message: str) -> Place | None:
        """The first match of an entry's text, which holds one of its anchors; the whole text is searched where they are too many."""
        if entry.text is None:
            return None
        starts: list[int] = []
        for anchor in entry.anchors:
            found = self._of(anchor.casefold())
            if found is None:
                return entry.text.search(message)
            starts += found
        stretches = _around(sorted(starts), len(message))
        return next((place for first, last in stretches if (place := entry.text.search(message, first, last)) is not None), None)

    def _of(self, anchor: str) -> tuple[int, ...] | None:
        """Places of a literal whose blanks stand for any white space; None for too many of them."""
        if anchor not in self._found:
            spaced = re.compile(r"\s+".join(re.escape(part) for part in anchor.split(" ")))
            places = tuple(match.start() for match in itertools.islice(spaced.finditer(self._folded), _MOST_PLACES + 1))
            self._found[anchor] = places if len(places) <= _MOST_PLACES else None
        return self._found[anchor]


def _around(starts: Sequence[int], length: int) -> Iterator[tuple[int, int]]:
    """Stretches of a text around places in it, joined where they meet."""
    stretch: tuple[int, int] | None = None
    for start in starts:
        first, last = max(0, start - _REACH), min(length, start + _REACH)
        if stretch is not None and first <= stretch[1]:
            stretch = (stretch[0], last)
            continue
        if stretch is not None:
            yield stretch
        stretch = (first, last)
    if stretch is not None:
        yield stretch


class Dictionary:
    """All entries, indexed for matching."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self._words: dict[str, list[Entry]] = {}
        self._texts: list[tuple[tuple[str, ...], Entry]] = []
        self._events: dict[int, list[Entry]] = {}
        self._structures: list[Entry] = []
        self._identified = any(entry.events for entry in self.entries)
        """Whether any entry asks which provider wrote an event, and with which ID."""
        self._fields: dict[str, re.Pattern[str]] = {}
        for entry in self.entries:
            for word in {*entry.codes, *entry.faults}:
                self._words.setdefault(_normal(word) if word[:2] in {"0x", "0X"} else word, []).append(entry)
            if entry.structure:
                self._structures.append(entry)
            elif not entry.codes and not entry.faults and not entry.events:
                self._texts.append((tuple(anchor.casefold() for anchor in entry.anchors), entry))
            elif not entry.codes and not entry.faults:
                for number in entry.events:
                    self._events.setdefault(number, []).append(entry)
            for names in entry.fields:
                self._fields.setdefault(names, _field_pattern(names))
        self._text_anchors = tuple({anchor for anchors, _ in self._texts for anchor in anchors})

    @property
    def anchors(self) -> tuple[str, ...]:
        """Literals, lower case: every text that an entry without event IDs can match has at least one of them."""
        found = {anchor.casefold() for entry in self.entries for anchor in entry.anchors if not entry.events or entry.codes}
        if any(anchor.startswith("aadsts") for anchor in found):
            found.update(_SIGN_IN_ANCHORS)
        if self._events:
            found.update(_EVENT_ID_ANCHORS)
        return tuple(sorted(found))

    @property
    def event_ids(self) -> tuple[int, ...]:
        """Event IDs that entries ask for."""
        return tuple(sorted(self._events))

    def find(self, event: EventText, check: Callable[[], None] = _go_on) -> tuple[Signal, ...]:
        """Every entry that matches an event, in order of appearance; an entry once, at its innermost place.

        ``check`` is called between the steps, to stop by raising: a long text takes a while.
        """
        found: dict[str, Signal] = {}
        nesting: list[int] | None = None
        view = plain_view(event.message)
        read = event if view is event.message else replace(event, message=view)
        check()
        folded = view.casefold()
        for entry, span, groups in self._candidates(read, folded, check):
            check()
            if nesting is None:
                nested = any(sign in folded for sign in _NESTING_SIGNS)
                nesting = [match.start() for match in _NESTING.finditer(view)] if nested else []
            depth = bisect.bisect_left(nesting, span.start)
            if entry.role is not Role.WRAPPER and _is_reason(view, span.start):
                depth += 1
            known = found.get(entry.id)
            if known is None or depth > known.depth:
                found[entry.id] = Signal(entry, event, span, depth, groups)
        return tuple(sorted(found.values(), key=lambda signal: (signal.span.start, signal.entry.id)))

    def _candidates(self, event: EventText, folded: str, check: Callable[[], None]) -> Iterator[tuple[Entry, Span, dict[str, str]]]:
        message = event.message
        identities = _identities(event, folded) if self._identified else []
        check()
        seen: Counter[str] = Counter()
        for match in _words_of(message, check) if self._words else ():
            word = match.group()
            entries = self._words.get(_normal(word) if word[0] == "0" else word)
            if entries is None:
                continue
            seen[word] += 1
            for entry in entries if seen[word] <= _MOST_TIMES else ():
                if word in entry.faults and word not in entry.codes and not _is_fault_place(message, match):
                    continue
                if _is_only_named(message, match):
                    continue
                yield from self._checked(entry, event, identities, Span(match.start(), match.end()))
        check()
        for code in _SIGN_IN.finditer(message) if any(sign in folded for sign in _SIGN_IN_ANCHORS) else ():
            for entry in self._words.get(f"AADSTS{code[1]}", ()):
                yield from self._checked(entry, event, identities, Span(code.start(1), code.end(1)))
        check()
        present = self._present(" ".join(folded.split()))
        places = _Places(folded) if len(message) > _SHORT and len(folded) == len(message) else None
        for anchors, entry in self._texts:
            if not present.isdisjoint(anchors):
                check()
                yield from self._checked(entry, event, identities, None, places)
        for entry in self._structures:
            check()
            for span in STRUCTURES[entry.structure](message) if any(anchor in message for anchor in entry.anchors) else ():
                yield from self._checked(entry, event, identities, span)
        for identity in identities:
            for entry in self._events.get(identity.event_id, ()):
                yield from self._checked(entry, event, [identity], identity.span)

    def _present(self, folded: str) -> frozenset[str]:
        """The anchors of entries that match by text alone which are in a message."""
        if len(folded) < _SHORT or len(self._text_anchors) < _FEW:
            return frozenset(anchor for anchor in self._text_anchors if anchor in folded)
        return frozenset(pl.Series([folded]).str.extract_many(list(self._text_anchors), overlapping=True)[0].unique())

    def _checked(
        self, entry: Entry, event: EventText, identities: Sequence[_Identity], span: Span | None, places: _Places | None = None
    ) -> Iterator[tuple[Entry, Span, dict[str, str]]]:
        """The entry where its remaining matchers hold too."""
        message = event.message
        groups: dict[str, str] = {}
        if entry.events and not any(
            i.event_id in entry.events and (entry.provider is None or entry.provider.search(i.provider)) for i in identities
        ):
            return
        if entry.provider is not None and not entry.events and not entry.provider.search(event.provider):
            return
        for names, values in entry.fields.items():
            for match in self._fields[names].finditer(message):
                if _normal(match.group(1)) in values:
                    groups[names.split("|")[0]] = match.group(1)
                    span = Span(match.start(), match.end())
                    break
            else:
                return
        if entry.text is not None:
            place = entry.text.search(message) if places is None else places.search(entry, message)
            if place is None or _is_template(message, place.start(), place.end()):
                return
            groups.update({name: value for name, value in place.groupdict().items() if value is not None})
            span = span if entry.codes else Span(place.start(), place.end())
        if entry.beside is not None and entry.beside.search(message) is None:
            return
        span = span or Span(0, min(len(message), 80))
        if entry.times is not None:
            times = entry.times.search(message, span.start, span.start + _TIMES_REACH) or entry.times.search(
                message, max(0, span.start - _TIMES_BEFORE), span.start + _TIMES_REACH
            )
            if times is not None:
                groups.update({name: value for name, value in times.groupdict().items() if value is not None})
        yield entry, span, groups


def _words_of(message: str, check: Callable[[], None]) -> Iterator[re.Match[str]]:
    for number, match in enumerate(_WORD.finditer(message)):
        if not number % _WORDS:
            check()
        yield match


def _is_only_named(message: str, match: re.Match[str]) -> bool:
    """Whether a code or exception stands in source text, a table of codes or a change log, where nothing happened."""
    if _LISTED.match(message, match.end()) and message[match.start() - 1 : match.start()] in {'"', "'"}:
        return True
    return bool(_TYPE.search(match.group()) and _SPOKEN_OF.search(message, max(0, match.start() - 60), match.start()))


def _line(message: str, start: int, end: int) -> tuple[int, int]:
    last = message.find("\n", end, end + _NEAR)
    return max(message.rfind("\n", max(0, start - _NEAR), start) + 1, start - _NEAR, 0), last if last >= 0 else min(
        len(message), end + _NEAR
    )


def _is_template(message: str, start: int, end: int) -> bool:
    """Whether a text is a message's template in source or documentation rather than the message: its values are still open."""
    if "${" not in message and "<%=" not in message:
        return False
    return _BLANK_TO_FILL.search(message, *_line(message, start, end)) is not None


def _is_reason(message: str, start: int) -> bool:
    """Whether something before on the same line failed because of what stands here."""
    first, _ = _line(message, start, start)
    return _CHAIN.search(message, first, start + 1) is not None or _CHAIN.match(message, start) is not None


def _is_fault_place(message: str, match: re.Match[str]) -> bool:
    """Whether a word stands where a fault code stands: behind a prefix, or as the whole content of an element."""
    before = message[match.start() - 1] if match.start() else ""
    after = message[match.end() : match.end() + 1]
    if before == ":":
        return (
            match.start() > 1 and (message[match.start() - 2].isalnum() or message[match.start() - 2] in "_-/") and after not in {":", "="}
        )
    return before in {">", ";", "}", "#", "/"} and after in {"", "<", "&", " ", "\r", "\n", '"', "'"}
