"""The filter language's grammar: text to conditions, with the exact place of every mistake."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from inspector.query.conditions import Condition, Every, Negation, Some, alternatives, describe
from inspector.query.fields import ALIASES, FIELDS, SEARCHED, BadValue, Field, Value, ValueKind, data_field, field_named, text_test

MAX_LENGTH: Final = 20_000
MAX_DEPTH: Final = 50


class QueryError(ValueError):
    """A filter that cannot be understood; ``start`` and ``end`` mark the place in its text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Query:
    """A filter that was understood."""

    text: str
    condition: Condition

    @property
    def english(self) -> str:
        """What the filter asks for, as a sentence."""
        said = describe(self.condition)
        return f"Events {said}." if said else "All events."


TokenKind = Literal["(", ")", "or", "and", "not", "term", "end"]


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: TokenKind
    start: int
    end: int
    field: str = ""
    field_end: int = 0
    values: tuple[Value, ...] = ()


FIELD_NAME = re.compile(r"(data\.(?:\"[^\"\n]+\"|[^\s:\"(),]+)|[A-Za-z_]+):", re.IGNORECASE)


def parse(text: str, offset: timedelta = timedelta(0)) -> Query:
    """Read a filter; times that state no zone are meant in the zone so far ahead of UTC. Raises QueryError with the place of the mistake."""
    if len(text) > MAX_LENGTH:
        raise QueryError(f"a filter has at most {MAX_LENGTH:,} characters", MAX_LENGTH, len(text))
    return Query(text, _Parser(text, offset // timedelta(microseconds=1)).whole())


class _Parser:
    def __init__(self, text: str, offset: int) -> None:
        self._text = text
        self._offset = offset
        self._lexemes = list(_lexemes(text))
        self._at = 0

    @property
    def _next(self) -> _Lexeme:
        return self._lexemes[self._at]

    def _take(self) -> _Lexeme:
        found = self._next
        self._at += 1
        return found

    def whole(self) -> Condition:
        if self._next.kind == "end":
            return Every()
        condition = self._any(0)
        left = self._take()
        if left.kind != "end":  # only a bracket can be left over
            raise QueryError("this bracket closes nothing", left.start, left.end)
        return condition

    def _any(self, depth: int) -> Condition:
        parts = [self._every(depth)]
        while self._next.kind == "or":
            self._take()
            parts.append(self._every(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _every(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while True:
            if self._next.kind == "and":
                self._take()
                parts.append(self._one(depth))
            elif self._next.kind in {"term", "not", "("}:
                parts.append(self._one(depth))
            else:
                return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _one(self, depth: int) -> Condition:
        found = self._take()
        if depth > MAX_DEPTH:
            raise QueryError("too many brackets inside each other", found.start, found.end)
        match found.kind:
            case "not":
                if self._next.kind not in {"term", "not", "("}:
                    raise QueryError("nothing follows to be excluded", found.start, found.end)
                return Negation(self._one(depth + 1))
            case "(":
                if self._next.kind == ")":
                    raise QueryError("there is nothing between the brackets", found.start, self._next.end)
                inside = self._any(depth + 1)
                closing = self._take()
                if closing.kind != ")":
                    raise QueryError("this bracket is not closed", found.start, found.end)
                return inside
            case "term":
                return _term(replace(found, values=tuple(replace(value, offset=self._offset) for value in found.values)))
            case "or" | "and":
                raise QueryError(f"something to look for is missing before {self._text[found.start : found.end]}", found.start, found.end)
            case ")":
                raise QueryError("this bracket closes nothing", found.start, found.end)
            case "end":
                before = self._lexemes[self._at - 2]
                self._at -= 1
                raise QueryError(
                    f"something to look for is missing after {self._text[before.start : before.end]}", before.start, before.end
                )


def _term(found: _Lexeme) -> Condition:
    if not found.field:
        value = found.values[0]
        return _built(value, lambda: text_test(SEARCHED, value))
    if found.field.lower().startswith("data."):
        name = found.field[5:].strip('"')
        parts = [_built(value, functools.partial(data_field, name, value)) for value in found.values]
    else:
        field = field_named(found.field)
        assert field is not None
        parts = [_built(value, functools.partial(field.build, field, value)) for value in found.values]
    return alternatives(parts)


def _built(value: Value, build: Callable[[], Condition]) -> Condition:
    try:
        return build()
    except BadValue as error:
        raise QueryError(str(error), value.start, value.end) from None


def _lexemes(text: str) -> Iterator[_Lexeme]:
    at, size = 0, len(text)
    while at < size:
        char = text[at]
        if char.isspace():
            at += 1
        elif char in "()":
            yield _Lexeme("(" if char == "(" else ")", at, at + 1)
            at += 1
        elif char == "-" and at + 1 < size and not text[at + 1].isspace():
            yield _Lexeme("not", at, at + 1)
            at += 1
        elif found := re.compile(r"(OR|AND|NOT)(?=[\s()]|$)").match(text, at):
            yield _Lexeme({"OR": "or", "AND": "and", "NOT": "not"}[found[1]], at, found.end())  # type: ignore[arg-type]
            at = found.end()
        else:
            lexeme = _term_at(text, at)
            yield lexeme
            at = lexeme.end
    yield _Lexeme("end", size, size)


def _term_at(text: str, at: int) -> _Lexeme:
    found = FIELD_NAME.match(text, at)
    if found is None or not _is_field(found[1], at, found.end(), text):
        value = _value(text, at, in_list=False)
        return _Lexeme("term", at, value.end, values=(value,))
    values = []
    place = found.end()
    while True:
        if place >= len(text) or text[place].isspace() or text[place] in "),":
            raise QueryError(f"a value is missing after {found[1]}:", at, max(place, at + 1))
        value = _value(text, place, in_list=True)
        values.append(value)
        place = value.end
        if place >= len(text) or text[place] != ",":
            return _Lexeme("term", at, place, found[1], found.end(), tuple(values))
        place += 1


def _is_field(name: str, start: int, end: int, text: str) -> bool:
    """Whether ``name:`` is meant as a field; something like ``wsse:FailedAuthentication`` or ``http://`` is a word."""
    if name.lower().startswith("data.") or field_named(name):
        return True
    known = [*(field.name for field in FIELDS), *ALIASES]
    if close := difflib.get_close_matches(name.lower(), known, 1, 0.75):
        if text[end : end + 1] in {"", "/"} or text[end : end + 1].isspace():
            return False
        raise QueryError(f"there is no field “{name}”; did you mean {close[0]}: ? (a phrase in quotes is looked for as it is)", start, end)
    return False


STOP: Final = frozenset("()")


def _value(text: str, at: int, *, in_list: bool) -> Value:
    if text[at] == '"':
        return _delimited(text, at, '"', ValueKind.PHRASE)
    if text[at] == "/":
        closing = _closing(text, at, "/")
        follows = text[closing + 1 : closing + 2] if closing > 0 else "x"
        if closing > at + 1 and (not follows or follows.isspace() or follows in "),"):
            return Value(text[at + 1 : closing].replace("\\/", "/"), ValueKind.REGEX, at, closing + 1)
        if closing < 0 and not re.match(r"/[\w.-]+(?:/|\s|$)", text[at:]):
            raise QueryError("this expression is not closed with a slash", at, len(text))
    place = at
    while place < len(text) and not text[place].isspace() and text[place] not in STOP and not (in_list and text[place] == ","):
        if text[place] == '"':  # a quoted part, as in ="two words"
            closing = _closing(text, place, '"')
            if closing < 0:
                raise QueryError("this quotation mark is not closed", place, len(text))
            place = closing
        place += 1
    bare = text[at:place]
    if bare.startswith('="') and bare.endswith('"'):
        bare = "=" + bare[2:-1].replace('\\"', '"')
    return Value(bare, ValueKind.BARE, at, place)


def _delimited(text: str, at: int, mark: str, kind: ValueKind) -> Value:
    closing = _closing(text, at, mark)
    if closing < 0:
        raise QueryError("this quotation mark is not closed", at, len(text))
    inside = text[at + 1 : closing].replace("\\" + mark, mark)
    if not inside:
        raise QueryError("there is nothing between the quotation marks", at, closing + 1)
    return Value(inside, kind, at, closing + 1)


def _closing(text: str, at: int, mark: str) -> int:
    place = at + 1
    while place < len(text):
        if text[place] == "\\" and place + 1 < len(text) and (mark == "/" or text[place + 1] == mark):
            place += 2
        elif text[place] == mark:
            return place
        else:
            place += 1
    return -1


@dataclass(frozen=True, slots=True)
class Place:
    """What stands under the cursor, for completion: replace ``start`` to ``end``."""

    kind: Literal["field", "value"]
    field: Field | None
    """The field whose value is being written."""
    prefix: str
    start: int
    end: int


def place_at(text: str, cursor: int) -> Place:
    """What could be completed at the cursor: a field's name (or a word), or a value of a field. Never raises, whatever is half written."""
    cursor = max(0, min(cursor, len(text)))
    start = cursor
    quoted = text[:cursor].count('"') % 2 == 1
    while start > 0 and (quoted or (not text[start - 1].isspace() and text[start - 1] not in "()")):
        start -= 1
        if quoted and text[start] == '"':
            quoted = False
    word = text[start:cursor]
    if word.startswith("-"):
        start, word = start + 1, word[1:]
    found = FIELD_NAME.match(word)
    field = field_named(found[1]) if found else None
    if found and field:
        begin = found.end() + word[found.end() :].rfind(",") + 1
        return Place("value", field, word[begin:].lstrip("="), start + begin, cursor)
    return Place("field", None, word, start, cursor)


def quoted_value(value: str) -> str:
    """A value written so that ``field:`` followed by it means exactly that value."""
    if value and not re.search(r'[\s()",*?]', value) and not value.startswith(("/", "=", "<", ">", "-")):
        return "=" + value
    return '="' + value.replace('"', '\\"') + '"'
