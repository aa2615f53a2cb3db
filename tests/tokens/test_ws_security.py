"""wsu:Timestamp and wsse:UsernameToken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.tokens.material import PROFILE, check, envelope, field, only, timestamp, tokens_in

FAULT = "<soap:Fault><faultcode>wsse:FailedAuthentication</faultcode><faultstring>no</faultstring></soap:Fault>"


def user(password: str = "secret", kind: str = "PasswordText", more: str = "") -> str:
    return (
        f'<wsse:UsernameToken wsu:Id="U-1"><wsse:Username>alice</wsse:Username><wsse:Password Type="{PROFILE}#{kind}">{password}</wsse:Password>'
        f"{more}</wsse:UsernameToken>"
    )


NONCE = "<wsse:Nonce>bm9uY2U=</wsse:Nonce><wsu:Created>2026-01-31T10:21:49Z</wsu:Created>"


def test_timestamp_is_a_window_with_the_places_of_its_bounds() -> None:
    xml = envelope(timestamp())
    token = only(tokens_in(xml, "timestamp"))
    (window,) = token.windows
    assert (window.not_before, window.not_after) == (
        datetime(2026, 1, 31, 10, 21, 49, tzinfo=UTC),
        datetime(2026, 1, 31, 10, 26, 49, tzinfo=UTC),
    )
    assert (window.kind, window.belongs_to, window.not_before_name, window.not_after_name) == ("message", "message", "Created", "Expires")
    assert window.not_before_span is not None
    assert window.not_after_span is not None
    assert xml[window.not_before_span.start : window.not_before_span.end] == "2026-01-31T10:21:49Z"
    assert xml[window.not_after_span.start : window.not_after_span.end] == "2026-01-31T10:26:49Z"
    assert xml[token.span.start :].startswith("<wsu:Timestamp")
    assert check(token, "lifetime") == ("passed", "", "valid for 5 min")


def test_timestamp_beside_a_fault_is_the_replys_own() -> None:
    token = only(tokens_in(envelope(timestamp(), FAULT), "timestamp"))
    assert token.windows[0].belongs_to == "fault reply"
    assert token.title == "Timestamp of the fault reply"


def test_each_envelope_counts_for_itself() -> None:
    both = f"<log>{envelope(timestamp())}{envelope(timestamp(), FAULT)}</log>"
    assert [token.windows[0].belongs_to for token in tokens_in(both, "timestamp")] == ["message", "fault reply"]


@pytest.mark.parametrize(
    ("created", "expires", "name", "outcome", "cause", "words"),
    [
        (
            "2026-01-31T10:26:49Z",
            "2026-01-31T10:21:49Z",
            "lifetime",
            "failed",
            "malformed",
            "Expires is not after Created (5 min before it)",
        ),
        ("31.01.2026 10:21", "2026-01-31T10:26:49Z", "format", "failed", "malformed", "Created '31.01.2026 10:21' is no xsd:dateTime"),
        ("2026-02-30T10:21:49Z", "2026-03-01T10:26:49Z", "format", "failed", "malformed", "is no date of the calendar"),
        ("[PII is hidden]", "2026-01-31T10:26:49Z", "format", "not possible", "", "the log hides a value"),
        ("System.DateTime", "System.DateTime", "format", "not possible", "", "the log hides a value"),
        ("2026-01-31T11:21:49+01:00", "2026-01-31T10:26:49Z", "lifetime", "passed", "", "valid for 5 min"),
    ],
)
def test_what_is_wrong_with_a_timestamp_is_said(created: str, expires: str, name: str, outcome: str, cause: str, words: str) -> None:
    found = check(only(tokens_in(envelope(timestamp(created, expires)), "timestamp")), name)
    assert found[:2] == (outcome, cause)
    assert words in found[2]


def test_no_expiry_is_no_failure() -> None:
    token = only(tokens_in(envelope("<wsu:Timestamp><wsu:Created>2026-01-31T10:21:49Z</wsu:Created></wsu:Timestamp>"), "timestamp"))
    assert token.windows[0].not_after is None
    assert check(token, "lifetime")[0] == "not possible"


def test_a_date_without_zone_is_utc_and_said_so() -> None:
    token = only(tokens_in(envelope(timestamp("2026-01-31T10:21:49", "2026-01-31T10:26:49Z")), "timestamp"))
    assert token.windows[0].not_before == datetime(2026, 1, 31, 10, 21, 49, tzinfo=UTC)
    assert token.problems == ("Created: no time zone stated; taken as UTC",)


def test_cut_envelope_still_gives_its_timestamp() -> None:
    whole = envelope(timestamp())
    cut = whole[: whole.index("</wsu:Expires>")]
    token = only(tokens_in(cut, "timestamp"))
    assert token.windows[0].not_after == datetime(2026, 1, 31, 10, 26, 49, tzinfo=UTC)
    assert token.problems == ("the text ends, or is cut, inside the time stamp",)


def test_head_cut_off_leaves_prefixes_unbound() -> None:
    whole = envelope(timestamp())
    assert len(tokens_in(whole[whole.index("<wsse:Security>") :], "timestamp")) == 1


def test_a_business_element_of_that_name_is_none() -> None:
    assert tokens_in('<order xmlns="urn:shop"><Timestamp>2026-01-31T10:21:49Z</Timestamp><Created>x</Created></order>', "timestamp") == []


def test_username_token_hides_its_secrets() -> None:
    xml = envelope(user(more=NONCE))
    token = only(tokens_in(xml, "username"))
    assert token.subject == "alice"
    assert {one.name for one in token.fields if one.secret} == {"Password", "Nonce"}
    place = next(one.span for one in token.fields if one.name == "Password")
    assert place is not None
    assert xml[place.start : place.end] == "secret"
    assert "secret" not in token.title
    assert token.identity.startswith("nonce ")
    assert "bm9uY2U" not in token.identity
    assert field(token, "Password type") == "text"


def test_same_nonce_same_identity() -> None:
    one, other = (only(tokens_in(envelope(user(password, more=NONCE)), "username")) for password in ("a", "b"))
    assert one.identity == other.identity


@pytest.mark.parametrize(
    ("password", "more", "words"),
    [
        ("bm8=", NONCE, "has 2 bytes where SHA-1 has 20"),
        ("!!", NONCE, "the password digest is no base64"),
        ("qUqP5cyxm6YcTAhz05Hph5gvu9M=", "", "a password digest without Nonce and Created can be replayed"),
        ("qUqP5cyxm6YcTAhz05Hph5gvu9M=", NONCE.replace("bm9uY2U=", "a"), "the nonce is no base64"),
    ],
)
def test_a_digest_must_have_the_form_of_one(password: str, more: str, words: str) -> None:
    outcome, cause, reason = check(only(tokens_in(envelope(user(password, "PasswordDigest", more)), "username")), "format")
    assert (outcome, cause) == ("failed", "malformed")
    assert words in reason


def test_masked_password_is_the_logs_doing() -> None:
    token = only(tokens_in(envelope(user("********", "PasswordDigest", NONCE)), "username"))
    assert token.problems == ("Password: the log hides the value ('********')",)
    assert check(token, "format")[0] == "passed"
