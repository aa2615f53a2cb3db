"""AWS keys and Signature Version 4."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inspector.tokens import find_tokens
from tests.tokens.material import check, field, only

KEY = "AKIAIOSFODNN7EXAMPLE"
HEADER = (
    "X-Amz-Date: 20260131T102149Z\nAuthorization: AWS4-HMAC-SHA256 "
    f"Credential={KEY}/20260131/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, Signature={'5d' * 32}"
)
PRESIGNED = (
    f"GET /b?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KEY}%2F20260131%2Feu-west-1%2Fs3%2Faws4_request"
    f"&X-Amz-Date=20260131T102149Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature={'ab' * 32}"
)


@pytest.mark.parametrize(("key", "kind"), [(KEY, "long-lived"), ("ASIAIOSFODNN7EXAMPLE", "temporary")])
def test_key_ids_are_told_apart(key: str, kind: str) -> None:
    token = only(find_tokens(f"user key {key} denied"))
    assert (token.kind, token.identity) == ("aws_key", key)
    assert kind in token.title


def test_signed_header() -> None:
    token = only(find_tokens(HEADER))
    assert token.title == f"AWS Signature V4 of {KEY} for iam in us-east-1"
    assert token.windows[0].not_before == datetime(2026, 1, 31, 10, 21, 49, tzinfo=UTC)
    assert token.windows[0].not_after is None
    assert check(token, "format") == ("passed", "", "scope and signing time agree")
    assert [one.name for one in token.fields if one.secret] == ["Signature"]


def test_presigned_address_has_an_end() -> None:
    token = only(find_tokens(PRESIGNED))
    window = token.windows[0]
    assert window.not_after is not None
    assert window.not_before is not None
    assert window.not_after - window.not_before == timedelta(hours=1)
    assert field(token, "X-Amz-Expires") == "3600"


def test_scope_of_another_day_cannot_fit() -> None:
    assert check(only(find_tokens(HEADER.replace("/20260131/", "/20260130/"))), "format")[:2] == ("failed", "malformed")


def test_temporary_key_without_its_session_token() -> None:
    assert check(only(find_tokens(HEADER.replace("AKIA", "ASIA"))), "format")[0] == "not possible"
    with_token = HEADER.replace("AKIA", "ASIA") + "\nX-Amz-Security-Token: FwoGZXIvYXdzEXAMPLE"
    assert check(only(find_tokens(with_token)), "format")[0] == "passed"


@pytest.mark.parametrize("text", ["AKIA", "AKIAlowercaseisnokeyid", "XAKIAIOSFODNN7EXAMPLE", "MAKIAVELLI AKIAIOSFODNN7EXAMPLEX"])
def test_near_misses(text: str) -> None:
    assert find_tokens(text) == ()
