"""Diagnosing much: findings as they come, bounds that are told, a cancel heard at every step, counts that stay whole."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_lowercase

import pytest

from inspector.diagnosis import drafts, shapes
from inspector.diagnosis.base import Cause, Diagnosis, RowFindings
from inspector.diagnosis.dictionary import Dictionary
from inspector.diagnosis.engine import diagnose
from inspector.job import Cancelled, Job
from tests.diagnosis.conftest import Logged, StoreOf

Told = list[Diagnosis]
LOOKED = "Was everything looked at?"


def audience(number: int) -> Logged:
    """A refusal, worded like no other."""
    word = "".join(ascii_lowercase[number // 26**place % 26] for place in range(4))
    return Logged(f"IDX10214: Audience validation failed for {word}", time=f"2026-03-02T08:{number // 60 % 60:02}:{number % 60:02}")


def expired(number: int, late: int) -> Logged:
    """A refusal that prints its figures: minutes late, or early where negative."""
    minute = 30 - late
    text = f"IDX10223: Lifetime validation failed. The token is expired. ValidTo (UTC): '03/02/2026 08:{minute:02}:{number:02}', Current time (UTC): '03/02/2026 08:30:{number:02}'."
    return Logged(text, time=f"2026-03-02T08:30:{number:02}")


def limits_of(diagnosis: Diagnosis) -> str:
    return next((one.answer for one in diagnosis.coverage if one.question == LOOKED), "")


def test_findings_come_before_the_end_and_say_that_they_are_not_all(store_of: StoreOf) -> None:
    told: Told = []
    store = store_of(
        [*(audience(number) for number in range(30)), Logged("The SAML assertion was seen before: replay detected. AADSTS50126")]
    )
    final = diagnose(store, Job(), arrived=told.append)

    assert told
    assert not any(known.complete for known in told)
    assert {finding.id for known in told for finding in known.findings} == {""}
    assert all(not known.coverage and not known.advice and not known.by_row for known in told)
    first = told[0].findings[0]
    assert (first.cause, first.events[0].row, first.rows) == (Cause.AUDIENCE_MISMATCH, 0, tuple(range(30)))
    assert final.complete
    assert final.findings == diagnose(store, Job()).findings
    same = next(finding for finding in final.findings if finding.key == first.key)
    assert (same.id, same.title, same.count) == ("F1", first.title, 30)


def test_every_look_whether_to_stop_does_stop(store_of: StoreOf, dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.diagnosis.engine._PAUSE", 1e9)  # how often partial results are sent must not hang on the machine

    class Stopping(Job):
        def __init__(self, at: int) -> None:
            super().__init__()
            self.left = at

        def check(self) -> None:
            self.left -= 1
            if self.left == 0:
                raise Cancelled

    store = store_of([*(audience(number) for number in range(3)), *(expired(number, 20) for number in range(3))])
    counting = Stopping(-1)
    diagnose(store, counting, dictionary=dictionary, arrived=lambda _: None)
    looks = -1 - counting.left
    assert looks > 20
    for at in range(1, looks + 1):
        with pytest.raises(Cancelled):
            diagnose(store, Stopping(at), dictionary=dictionary, arrived=lambda _: None)


def _few_alike(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shapes, "MOST_ALIKE", 5)


def _few_kinds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shapes, "MOST_ALIKE", 9)
    patch.setattr(shapes, "MOST_SHAPES", 2)


@pytest.mark.parametrize(("bound", "words", "count"), [(_few_alike, "6 of 40", 40), (_few_kinds, "2 of 40", 32)])
def test_a_bound_on_the_kinds_of_events_is_told(
    bound: Callable[[pytest.MonkeyPatch], None], words: str, count: int, store_of: StoreOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of([audience(number) for number in range(40)])
    assert limits_of(diagnose(store, Job())) == ""
    bound(monkeypatch)
    diagnosis = diagnose(store, Job())
    assert diagnosis.findings[0].count == len(diagnosis.by_row) == count
    assert f"kinds of events, told apart by more than their numbers: {words}" in limits_of(diagnosis)


def test_figures_of_a_sample_speak_for_the_rest_and_that_is_told(store_of: StoreOf, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of([expired(number, 20) for number in range(50)])
    whole = diagnose(store, Job())
    assert limits_of(whole) == ""
    monkeypatch.setattr(drafts, "_MOST_SPLIT", 10)
    sampled = diagnose(store, Job())
    assert [(f.cause, f.count, f.rows) for f in sampled.findings] == [(f.cause, f.count, f.rows) for f in whole.findings]
    assert "repeated refusals whose own printed times were computed: 10 of 50" in limits_of(sampled)
    assert {one.passed + one.refused for one in sampled.what_if} == {10}


def test_one_incident_of_many_kinds_counts_them_all(store_of: StoreOf, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [Logged(f"IDX10214: Audience validation failed for {word * 4}", activity="one") for word in ascii_lowercase]
    monkeypatch.setattr(drafts, "_MOST_PARTS", 4)
    diagnosis = diagnose(store_of(events), Job())
    assert [finding.count for finding in diagnosis.findings] == [26]
    assert "kinds of events that were weighed together for one incident: 4 of 26" in limits_of(diagnosis)


def test_long_messages_are_searched_whole_for_codes_and_in_part_for_envelopes(store_of: StoreOf) -> None:
    diagnosis = diagnose(store_of([Logged("x " * 120_000 + "IDX10214: Audience validation failed.")]), Job())
    assert diagnosis.findings[0].cause is Cause.AUDIENCE_MISMATCH
    assert "characters of long events searched for envelopes and tokens: 200,000 of 240,037" in limits_of(diagnosis)


def test_rows_belong_to_the_graver_finding(store_of: StoreOf) -> None:
    (finding,) = diagnose(store_of([audience(1), Logged("nothing"), audience(2)]), Job()).findings
    by_row = RowFindings((finding,))
    assert dict(by_row) == {0: "F1", 2: "F1"}
    assert (len(by_row), 1 in by_row, 5 in by_row, -1 in by_row) == (2, False, False, False)
    assert dict(RowFindings(())) == {}
