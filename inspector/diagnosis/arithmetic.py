"""Arithmetic on validity: too early, too late, by how much, at the moment and with the tolerance of the stack that judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from inspector.clock import QUARTER, Tolerance, in_words, offset_text, quarter_shape, split_offset, tolerance_of
from inspector.dates import ParsedTime, parse_time
from inspector.diagnosis.base import Cause, Circumstances, Evidence, Signal, Suggestion
from inspector.diagnosis.contents import tokens_of

_ZERO: Final = timedelta(0)
_SECOND: Final = timedelta(seconds=1)
_SMALL: Final = timedelta(minutes=15)
"""A first use that is late by less than this is more often a clock than a token used too long."""
_PRINTED: Final = "printed in the message"
_EPOCH: Final = 1971
"""An end before this year is no end: zero seconds since 1970, or the zero value of a date type in year 1."""
_FAR: Final = 2200
"""A moment after this year was written in milliseconds and read in seconds, or is no date at all."""
_DAYS: Final = timedelta(hours=12)
"""A signed request is not kept this long before it is sent."""
_SAME_CLOCK: Final = timedelta(seconds=90)
"""Two moments this close were read off clocks that agree."""
_EXACT: Final = timedelta(seconds=3)
"""An age that differs from the limit by no more than this means that the message waited until it crossed the limit."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a refusal prints or a token states, as far as it could be read, in UTC or in one common unknown zone."""

    now: datetime | None
    now_words: str
    not_before: datetime | None = None
    not_after: datetime | None = None
    issued: datetime | None = None
    allowed: timedelta | None = None
    age_limit: timedelta | None = None
    zone_split: timedelta | None = None
    """Zone offset that was taken out of the difference, where the log states none."""


def _common(parsed: ParsedTime) -> datetime:
    return parsed.utc or parsed.wall.replace(tzinfo=UTC)


def _closest(parsed: ParsedTime, to: datetime | None) -> datetime:
    """An ambiguous date read in the order that brings it closer to the other one."""
    first = _common(parsed)
    if not parsed.ambiguous or to is None:
        return first
    second = first.replace(year=parsed.swapped.year, month=parsed.swapped.month, day=parsed.swapped.day)
    return min(first, second, key=lambda moment: abs(moment - to))


def _span(text: str) -> timedelta | None:
    """``00:05:00``, ``90.00:00:00``, ``00:00:00.5`` as .NET writes a TimeSpan."""
    days, _, clock = (
        text.strip().rpartition(".") if text.count(":") == 2 and "." in text.split(":", maxsplit=1)[0] else ("", "", text.strip())
    )
    try:
        hours, minutes, seconds = (float(part) for part in clock.split(":"))
        return timedelta(days=float(days or 0), hours=hours, minutes=minutes, seconds=seconds)
    except ValueError:
        return None


def figures_of(signal: Signal) -> Figures | None:
    """The figures that a signal's patterns captured; None where it has none that can be computed with."""
    groups = signal.groups
    texts = {
        name: groups[name].strip()
        for name in ("now", "not_before", "not_after", "not_after2", "issued", "valid_from", "authn")
        if name in groups
    }
    parsed = {name: found for name, text in texts.items() if (found := parse_time(text)) is not None}
    if not parsed:
        return None
    event = signal.event
    now, words, split = None, "", None
    if "now" in parsed:
        now, words = _common(parsed["now"]), f"the current time that the message prints ({texts['now']})"
    elif event.time is not None:
        now, words = event.time, "the event's own time"
    moments = {name: _closest(found, now) for name, found in parsed.items()}
    if "now" not in parsed and now is not None and not event.zone_known and "authn" not in moments:
        reference = moments.get("issued") or moments.get("not_before") or moments.get("not_after") or moments.get("not_after2")
        parts = split_offset(now - reference) if reference is not None else None
        if parts is not None and parts[0]:
            split, now = parts[0], now - parts[0]
            words = f"the event's own time, taken as UTC{offset_text(parts[0])} because the log states no zone"
        elif parts is None:
            now = None
    return Figures(
        now,
        words,
        moments.get("not_before"),
        moments.get("not_after") or moments.get("not_after2"),
        moments.get("issued") or moments.get("authn"),
        _allowed(groups),
        _age_limit(groups),
        split,
    )


def _allowed(groups: Mapping[str, str]) -> timedelta | None:
    if "skew_ms" in groups:
        return timedelta(milliseconds=int(groups["skew_ms"]))
    if "skew_seconds" in groups:
        return timedelta(seconds=int(groups["skew_seconds"]))
    return _span(groups["skew"]) if "skew" in groups else None


def _age_limit(groups: Mapping[str, str]) -> timedelta | None:
    if "age_minutes" in groups:
        return timedelta(minutes=int(groups["age_minutes"]))
    if "lifetime" in groups:
        return _span(groups["lifetime"])
    return _span(groups["age_limit"]) if "age_limit" in groups else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement and the evidence to cite for it."""

    evidence: Evidence
    tolerance: Tolerance
    first_use: bool
    logged: datetime | None = None
    """When the event was logged; None where that is not known."""
    zone_known: bool = True

    def suggest(self, cause: Cause, weight: float, text: str, **more: object) -> Suggestion:
        """A suggestion that cites the figures."""
        cited = Evidence(text, self.evidence.row, self.evidence.source, self.evidence.position, self.evidence.excerpt, self.evidence.span)
        return Suggestion(cause, weight, text, supports=(cited,), **more)  # type: ignore[arg-type]

    def against(self, cause: Cause, text: str) -> Suggestion:
        """Something that speaks against a cause."""
        cited = Evidence(text, self.evidence.row, self.evidence.source, self.evidence.position, self.evidence.excerpt, self.evidence.span)
        return Suggestion(cause, 0, "", contradicts=(cited,))


def _inside(off: timedelta, tolerance: Tolerance) -> str:
    """What follows where a refusal lies inside the tolerance that is usual for its stack: the figure that was used must have been another one."""
    if tolerance.source == _PRINTED or off > max(tolerance.early, tolerance.late):
        return ""
    return " as a rule, so this receiver was set to allow less, or its clock differs from the one that wrote this time"


def judge_early(case: Judgement, early: timedelta, by: str) -> list[Suggestion]:
    allowed = case.tolerance.early
    words = f"{in_words(early)} too early by {by}; {case.tolerance.stack} allows {in_words(allowed)}{_inside(early, case.tolerance)}"
    shape = quarter_shape(early, timedelta(seconds=90))
    hint = f"; close to {in_words(shape)}, which is a zone or daylight saving set by hand" if shape else ""
    confirm = ("w32tm /stripchart /computer:<dc> /samples:3 /dataonly (or chronyc tracking) on the sender and on the receiver.",)
    return [case.suggest(Cause.CLOCK_SKEW, 95, words + hint, facts={"observed_delta_seconds": -early / _SECOND}, would_confirm=confirm)]


def _whole_hours(made: timedelta, life: timedelta) -> timedelta | None:
    """The whole hours that lie between making and judging, where there are some; None where the lifetime itself is as long as that."""
    whole = quarter_shape(made)
    if whole is None or whole % timedelta(hours=1) or not _ZERO < whole <= timedelta(hours=14):
        return None
    return whole if quarter_shape(life) is None else None


def _since_made(case: Judgement, late: timedelta, age: timedelta | None, signal: Signal | None) -> timedelta | None:
    """How old what was refused is: as printed, as the token beside it states, or as its stack's usual lifetime makes it."""
    if age is not None:
        return age
    if signal is not None and (start := _start_of_token(signal, late)) is not None:
        return start
    return late + case.tolerance.lifetime if case.first_use and case.tolerance.lifetime is not None else None


def _start_of_token(signal: Signal, late: timedelta) -> timedelta | None:
    """The age of the token in the same event whose end is the one that the refusal prints."""
    figures = figures_of(signal) if signal.event.contents is not None and signal.event.contents.tokens else None
    if figures is None or figures.not_after is None:
        return None
    for token in tokens_of(signal.event):
        for window in token.windows:
            if window.not_before is not None and window.not_after is not None and abs(window.not_after - figures.not_after) <= _SECOND:
                return window.not_after - window.not_before + late
    return None


def judge_late(
    case: Judgement, late: timedelta, by: str, age: timedelta | None, life: timedelta | None, signal: Signal | None = None
) -> list[Suggestion]:
    """What it means to be late: run out, a clock, a zone, or a wait. ``signal`` is the refusal, for what else its event states."""
    allowed = case.tolerance.late
    delta = {"observed_delta_seconds": late / _SECOND}
    words = f"{in_words(late)} after its end by {by}; {case.tolerance.stack} allows {in_words(allowed)}{_inside(late, case.tolerance)}"
    whole = quarter_shape(late, max(timedelta(seconds=90), min(allowed, QUARTER / 3)) if case.first_use else timedelta(seconds=60))
    hour = whole is not None and whole % timedelta(hours=1) == _ZERO and whole <= timedelta(hours=14)
    made = _since_made(case, late, age, signal)
    since = _whole_hours(made, made - late) if made is not None else None
    found = []
    exact = age is not None and life is not None and abs(age - life - allowed) <= _EXACT
    if exact:
        assert age is not None
        text = f"aged exactly {in_words(age)}, the limit to the second: messages wait until they cross it"
        found.append(case.suggest(Cause.DELAYED_PROCESSING, 80, text, facts=delta))
    if case.first_use and hour:
        assert whole is not None
        text = f"{words}; that is {in_words(whole)} and {in_words(abs(late - whole))}, the shape of a zone, of daylight saving or of a clock set by hand"
        found.append(case.suggest(Cause.CLOCK_SKEW, 78, text, facts=delta))
        found.append(case.suggest(Cause.EXPIRED, 60, words, facts=delta))
    elif since is not None and made is not None:
        text = f"{words}; that is {in_words(made)} after it was made, so {in_words(since)} and {in_words(abs(made - since))}: the shape of a zone or of daylight saving on one side"
        found.append(case.suggest(Cause.CLOCK_SKEW, 80 if case.first_use else 70, text, facts=delta))
        found.append(case.suggest(Cause.EXPIRED, 60, words, facts=delta))
    elif case.first_use and late - allowed <= _SMALL:
        text = f"{words}; it is judged once, when it arrives, so little of that is the token's own age"
        found.append(case.suggest(Cause.CLOCK_SKEW, 66, text, facts=delta))
        found.append(case.suggest(Cause.EXPIRED, 62, words, facts=delta))
        found.append(case.suggest(Cause.DELAYED_PROCESSING, 50, f"{words}; a message that waited that long looks the same", facts=delta))
    elif case.first_use:
        found.append(case.suggest(Cause.EXPIRED, 80, words, facts=delta))
        found.append(case.suggest(Cause.DELAYED_PROCESSING, 40, f"{words}; a message that waited that long looks the same", facts=delta))
        found.append(case.suggest(Cause.CLOCK_SKEW, 35, f"{words}; a wrong clock would show the same figure again and again", facts=delta))
    else:
        near = late - allowed <= _SMALL
        found.append(case.suggest(Cause.EXPIRED, 84 if near else 92, words, facts=delta))
        clock = 60 if near else 45 if hour else 15
        text = f"{words}; if the token was fresh, a clock is off" + (
            f" ({in_words(whole)} is the shape of a zone)" if hour and whole else ""
        )
        found.append(case.suggest(Cause.CLOCK_SKEW, clock, text, facts=delta))
        if late <= timedelta(minutes=1):
            found.append(
                case.suggest(Cause.DELAYED_PROCESSING, 40, f"only {in_words(late)} late: it may have run out on the way", facts=delta)
            )
    return found


def _by_age(case: Judgement, age: timedelta, limit: timedelta, by: str, ahead: timedelta | None = None) -> list[Suggestion]:
    """A request that states when it was made, and a limit on its age."""
    delta = {"observed_delta_seconds": (age - limit) / _SECOND if age >= _ZERO else age / _SECOND}
    confirm = ("The same figure over many requests: a constant offset is a clock, a growing or scattered one a delay.",)
    if age < _ZERO:
        shape = quarter_shape(-age)
        hint = f", about {in_words(shape)}: a zone or daylight saving set by hand" if shape else ""
        return [
            case.suggest(
                Cause.CLOCK_SKEW, 95, f"made {in_words(-age)} in the future by {by}{hint}; allowed are {in_words(limit)}", facts=delta
            )
        ]
    words = f"{in_words(age)} old by {by}; allowed are {in_words(limit)}"
    if abs(age - limit) <= _EXACT:
        text = f"{words}: refused in the very second in which the limit was crossed, so it waited; a wrong clock would show an arbitrary figure"
        return [
            case.suggest(Cause.DELAYED_PROCESSING, 88, text, facts=delta, would_confirm=confirm),
            case.suggest(Cause.EXPIRED, 45, words, facts=delta),
            Suggestion(
                Cause.CLOCK_SKEW, 30, "", contradicts=case.against(Cause.CLOCK_SKEW, "the age equals the limit to the second").contradicts
            ),
        ]
    if ahead is not None and abs(ahead) <= _SAME_CLOCK and age > limit:
        text = f"{words}; the clock that wrote this log agrees with the service's within {in_words(abs(ahead))}, so the request waited after it was signed"
        return [
            case.suggest(Cause.DELAYED_PROCESSING, 88, text, facts=delta, would_confirm=confirm),
            case.suggest(Cause.CLOCK_SKEW, 40, words, facts=delta),
            case.suggest(Cause.EXPIRED, 40, words, facts=delta),
        ]
    if quarter_shape(age) is not None:
        return [
            case.suggest(
                Cause.CLOCK_SKEW,
                92,
                f"{words}; near a whole half hour, the shape of a zone or of daylight saving",
                facts=delta,
                would_confirm=confirm,
            )
        ]
    if age - limit <= timedelta(minutes=1):
        text = f"{words}: not to the second, so rather a clock that is behind than a message that waited"
        return [
            case.suggest(Cause.CLOCK_SKEW, 68, text, facts=delta, would_confirm=confirm),
            case.suggest(
                Cause.DELAYED_PROCESSING, 60, f"{words}: just over the limit, as a message that waited", facts=delta, would_confirm=confirm
            ),
            case.suggest(Cause.EXPIRED, 40, words, facts=delta),
        ]
    if age > _DAYS:
        return [
            case.suggest(Cause.CLOCK_SKEW, 92, f"{words}; nothing waits for days: the clock that signed is behind", facts=delta),
            case.suggest(Cause.DELAYED_PROCESSING, 20, words, facts=delta),
        ]
    return [
        case.suggest(
            Cause.CLOCK_SKEW, 75, f"{words}; so far over the limit is a clock rather than a wait", facts=delta, would_confirm=confirm
        ),
        case.suggest(Cause.DELAYED_PROCESSING, 50, words, facts=delta),
        case.suggest(Cause.EXPIRED, 40, words, facts=delta),
    ]


def judge(signal: Signal, circumstances: Circumstances, figures: Figures | None) -> list[Suggestion]:
    """What the figures of one refusal say."""
    if figures is None:
        return []
    entry, groups = signal.entry, signal.groups
    default = tolerance_of(entry.stack, circumstances.trust.skew)
    allowed = figures.allowed if figures.allowed is not None else None
    tolerance = default if allowed is None else Tolerance(default.stack, allowed, allowed, _PRINTED, True, default.lifetime)
    event = signal.event
    evidence = Evidence("", event.row, event.source, event.position, _quoted(signal), signal.span)
    case = Judgement(evidence, tolerance, entry.first_use, event.time, event.zone_known)
    by = figures.now_words
    if "valid_from" in groups and "issued" in groups:
        return _revoked(case, groups)
    if figures.not_after is not None and figures.not_after.year < _EPOCH:
        return [
            case.suggest(Cause.MALFORMED, 92, "the end reads as zero time: the reader found no expiry in the token, or none it could read")
        ]
    if figures.now is None:
        return []
    if "authn" in groups and figures.issued is not None:
        return _authentication(case, figures)
    if figures.issued is not None and figures.not_after is None and figures.not_before is None:
        return _of_issue(case, figures, by)
    found: list[Suggestion] = []
    if any(moment is not None and moment.year > _FAR for moment in (figures.not_before, figures.not_after)):
        found.append(case.suggest(Cause.MALFORMED, 92, "a time lies centuries ahead: milliseconds where seconds are meant"))
    if figures.not_before is not None and figures.not_after is not None and figures.not_before >= figures.not_after:
        found.append(case.suggest(Cause.MALFORMED, 92, "it ends before it begins"))
    if figures.not_before is not None and figures.now < figures.not_before:
        found += judge_early(case, figures.not_before - figures.now, by)
    elif figures.not_after is not None and figures.now >= figures.not_after:
        life = None if figures.not_before is None else figures.not_after - figures.not_before
        age = None if figures.not_before is None else figures.now - figures.not_before
        found += judge_late(case, figures.now - figures.not_after, by, age, life, signal)
    elif figures.not_before is not None and figures.not_after is None and figures.age_limit is not None:
        found += judge_late(
            case, figures.now - figures.not_before - figures.age_limit, by, figures.now - figures.not_before, figures.age_limit
        )
    if Cause.UNTRUSTED_ISSUER in entry.causes:  # a certificate: who is late is not the message
        found = [s for s in found if s.cause is not Cause.CLOCK_SKEW or s.weight > 90]
        return [
            Suggestion(s.cause, min(s.weight, entry.causes.get(s.cause, 60)), s.explanation, s.supports, s.contradicts, facts=s.facts)
            for s in found
        ]
    return found


def _of_issue(case: Judgement, figures: Figures, by: str) -> list[Suggestion]:
    assert figures.now is not None
    assert figures.issued is not None
    age = figures.now - figures.issued
    limit = figures.age_limit or figures.allowed or case.tolerance.late
    if figures.age_limit is not None and case.tolerance.stack == "Entra ID":
        return [
            case.suggest(
                Cause.EXPIRED,
                94,
                f"issued {in_words(age)} before, allowed to be idle for {in_words(figures.age_limit)}",
                facts={"observed_delta_seconds": (age - limit) / _SECOND},
            )
        ]
    if case.tolerance.stack == "Spring SAML":
        side = "old" if age >= _ZERO else "in the future"
        words = f"the response is {in_words(abs(age))} {side} by {by}; allowed are {in_words(limit)}"
        facts = {"observed_delta_seconds": age / _SECOND}
        return [
            case.suggest(Cause.CLOCK_SKEW, 88, f"{words}; a response is judged as soon as it is issued, so the clocks differ", facts=facts),
            case.suggest(Cause.DELAYED_PROCESSING, 35, words, facts=facts),
        ]
    return _by_age(case, age, limit, by, _signers_clock(case, figures))


def _signers_clock(case: Judgement, figures: Figures) -> timedelta | None:
    """How far the clock that wrote the log is ahead of the service's, where the log is the signer's own; None where that is not known."""
    logged, service = case.logged, figures.now
    if logged is None or service is None or not case.tolerance.stack.startswith("AWS"):
        return None
    parts = (timedelta(0), logged - service) if case.zone_known else split_offset(logged - service)
    return parts[1] if parts is not None else None


def _revoked(case: Judgement, groups: Mapping[str, str]) -> list[Suggestion]:
    issued, valid_from = parse_time(groups["issued"].strip()), parse_time(groups["valid_from"].strip())
    if issued is None or valid_from is None:
        return []
    between = _common(valid_from) - _common(issued)
    if between <= _ZERO:
        return [case.against(Cause.REVOKED, "the grant is younger than the moment from which tokens are valid")]
    text = f"the grant was issued {in_words(between)} before the moment from which tokens of this user are valid: it was withdrawn, it did not run out"
    return [case.suggest(Cause.REVOKED, 96, text), case.against(Cause.EXPIRED, text)]


def _authentication(case: Judgement, figures: Figures) -> list[Suggestion]:
    assert figures.now is not None
    assert figures.issued is not None
    age = figures.now - figures.issued
    text = f"the login at the identity provider is {in_words(age)} old by {figures.now_words}; two hours are allowed by default"
    return [case.suggest(Cause.EXPIRED, 92, text, facts={"observed_delta_seconds": age / _SECOND})] if age > _ZERO else []


def _quoted(signal: Signal) -> str:
    """The stretch of the message that holds the match and its figures."""
    message = signal.event.message
    end = signal.span.end
    for value in signal.groups.values():
        at = message.find(value, signal.span.start)
        if 0 <= at < signal.span.start + 1500:
            end = max(end, at + len(value))
    return message[signal.span.start : min(end, signal.span.start + 600)]


def outside(signal: Signal, figures: Figures | None) -> timedelta | None:
    """How far the judging moment lies outside the window that the refusal prints; None where it does not or cannot be known."""
    if figures is None or figures.now is None:
        return None
    if figures.not_after is not None and figures.now >= figures.not_after:
        return figures.now - figures.not_after
    if figures.not_before is not None and figures.now < figures.not_before:
        return figures.not_before - figures.now
    if figures.issued is not None and figures.not_after is None and "valid_from" not in signal.groups:
        return abs(figures.now - figures.issued)
    return None
