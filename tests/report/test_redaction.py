"""Secrets of every kind in every carrier are found; equal values read equal; harmless neighbours stay."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.report.redaction import ALWAYS, PERSONAL, Redactor, SecretKind, secrets_in

JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

CARRIERS = [
    pytest.param("<wsse:Password Type='x'>S3cr3t!pw</wsse:Password>", "S3cr3t!pw", id="element"),
    pytest.param("&lt;wsse:Password Type=&quot;x&quot;&gt;S3cr3t!pw&lt;/wsse:Password&gt;", "S3cr3t!pw", id="element escaped"),
    pytest.param("&amp;lt;o:Password&amp;gt;S3cr3t!pw&amp;lt;/o:Password&amp;gt;", "S3cr3t!pw", id="element escaped twice"),
    pytest.param("\\u003cPassword\\u003eS3cr3t!pw\\u003c/Password\\u003e", "S3cr3t!pw", id="element in JSON"),
    pytest.param("<Nonce>q83vEjRWeJA=</Nonce>", "q83vEjRWeJA=", id="nonce"),
    pytest.param("<ds:SignatureValue>\n  mZ9vEjRWeJAq83v==\n</ds:SignatureValue>", "mZ9vEjRWeJAq83v==", id="signature value"),
    pytest.param(
        "<BinarySecurityToken ValueType='k'>YIIGhgYJKoZIhvcSAQICAQ</BinarySecurityToken>", "YIIGhgYJKoZIhvcSAQICAQ", id="binary token"
    ),
    pytest.param(f"Authorization: Bearer {JWT}", JWT, id="bearer header"),
    pytest.param(f"token was {JWT}.", JWT.split(".")[2], id="token in a sentence"),
    pytest.param("Authorization: Basic YWxpY2U6c2VjcmV0cHc=", "YWxpY2U6c2VjcmV0cHc=", id="basic header"),
    pytest.param("grant_type=x&client_secret=ab~C.d3f_9&scope=y", "ab~C.d3f_9", id="form"),
    pytest.param('{"password": "correct horse"}', "correct horse", id="JSON with a space"),
    pytest.param('{\\"refresh_token\\":\\"0.AXoA-xyz123\\"}', "0.AXoA-xyz123", id="JSON in JSON"),
    pytest.param("Server=db;User Id=app;Password=pw4you;Timeout=30", "pw4you", id="connection string"),
    pytest.param("Set-Cookie: FedAuth=77u/PD94bWw; path=/; HttpOnly", "77u/PD94bWw", id="cookie"),
    pytest.param("Cookie: a=1; JSESSIONID=ABCDEF0123456789", "ABCDEF0123456789", id="second cookie"),
    pytest.param("x-amz-security-token: FwoGZXIvYXdzEXAMPLE1", "FwoGZXIvYXdzEXAMPLE1", id="session token"),
    pytest.param("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/x, Signature=" + "0a" * 32, "0a" * 32, id="SigV4"),
    pytest.param("https://alice:pa55word@host.example/x", "pa55word", id="password in an address"),
    pytest.param("-----BEGIN RSA PRIVATE KEY-----\nMIIEabc123\n-----END RSA PRIVATE KEY-----", "MIIEabc123", id="private key"),
    pytest.param(
        "IDX12709: CanReadToken() returned false. JWT is not well formed: 'Y2xpZW50OnNlY3JldA=='.", "Y2xpZW50OnNlY3JldA==", id="not a JWT"
    ),
    pytest.param("SAMLResponse=PHNhbWxwOlJlc3BvbnNlIHhtbG5z", "PHNhbWxwOlJlc3BvbnNlIHhtbG5z", id="SAML response"),
]


@pytest.mark.parametrize(("text", "secret"), CARRIERS)
def test_secret_is_replaced(text: str, secret: str) -> None:
    redacted = Redactor().redact(text)
    assert secret not in redacted
    assert "-1]" in redacted


@pytest.mark.parametrize(
    "text",
    [
        "Password: the field is missing",
        "The token: invalid",
        "Signature: could not be verified",
        "<wsu:Created>2026-01-26T09:21:49Z</wsu:Created>",
        "<PasswordPolicy>strong</PasswordPolicy>",
        "at UsernameTokenManager.OnLogonUserFailed(UsernameToken token)",
        "fault code wsse:FailedAuthentication",
        "https://sts.example/adfs/ls?wa=wsignin1.0",
    ],
)
def test_sentences_stay(text: str) -> None:
    redacted = Redactor().redact(text)
    assert redacted.replace("[password-1]", "the") == text


def test_equal_values_read_equal_and_others_differ() -> None:
    redactor = Redactor()
    first = redactor.redact("password=one123 password=two456")
    second = redactor.redact("<Password>two456</Password>")
    assert first == "password=[password-1] password=[password-2]"
    assert second == "<Password>[password-2]</Password>"


def test_known_values_go_wherever_they_stand() -> None:
    redactor = Redactor(ALWAYS | PERSONAL, [("WEB01", SecretKind.HOST), ("CORP\\alice", SecretKind.USER), ("-", SecretKind.USER)])
    assert redactor.redact("web01 WEB01 WEB011 - CORP\\alice") == "web01 [host-1] WEB011 - [user-1]"


def test_names_stay_unless_asked_for() -> None:
    text = "alice@corp.example from 10.20.30.40 at https://sts.corp.example/adfs as CORP\\alice"
    assert Redactor().redact(text) == text
    assert Redactor(ALWAYS | PERSONAL).redact(text) == "[mail-1] from [address-1] at https://[host-1]/adfs as [user-1]"


@pytest.mark.parametrize(
    "address", ["10.20.30.40", "fe80::1ff:fe23:4567:890a", "2001:db8::1", "::ffff:10.23.23.9", "2001:0db8:0000:0000:0000:ff00:0042:8329"]
)
def test_addresses_go_when_asked_for(address: str) -> None:
    assert Redactor(PERSONAL).redact(f"client {address}, port 80") == "client [address-1], port 80"


@pytest.mark.parametrize(
    "text", ["at 14:07:32", "2026-01-26T09:21:49Z", "10.21.49", "uuid:5c1be0a7-91d4-4f0e-8a37-20c9d3e4b611", "version 4.0.30319.1"]
)
def test_times_and_versions_are_no_addresses(text: str) -> None:
    assert Redactor(PERSONAL).redact(text) == text


def test_addresses_of_the_standards_are_no_hosts() -> None:
    text = 'xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/03/addressing"'
    assert Redactor(PERSONAL).redact(text) == text


def test_replacements_are_accounted_for() -> None:
    redactor = Redactor()
    redactor.redact("password=abc12 password=abc12")
    (only,) = redactor.replacements
    assert (only.pseudonym, only.kind, only.times, only.length) == ("[password-1]", SecretKind.PASSWORD, 2, 5)


def test_nothing_is_replaced_without_kinds() -> None:
    assert Redactor(frozenset()).redact("password=abc12") == "password=abc12"


@given(st.text(alphabet="abcXYZ019!#%+-_.~", min_size=8, max_size=40))
def test_any_password_goes_from_every_carrier(secret: str) -> None:
    redactor = Redactor()
    for carrier in (f"<Password>{secret}</Password>", html.escape(f"<Password>{secret}</Password>"), f'"password": "{secret}"'):
        assert secret not in redactor.redact(carrier)
    assert len(redactor.replacements) == 1


@given(st.text())
def test_spans_are_in_order_and_apart(text: str) -> None:
    at = 0
    for secret in secrets_in(text, ALWAYS | PERSONAL):
        assert at <= secret.start < secret.end <= len(text)
        at = secret.end


def test_a_fields_name_tells_a_secret() -> None:
    redactor = Redactor()
    assert redactor.redact_field("Password", "abc") == "[password-1]"
    assert redactor.redact_field("TargetUserName", "abc") == "abc"
    assert redactor.redact_field("Note", "password=abc") == "password=[password-1]"


def test_our_own_sentences_keep_their_ordinary_words() -> None:
    redactor = Redactor(known=[("hunter2hunter2", SecretKind.PASSWORD)])
    kept = [
        "Windows refused the user name or password: 2×",
        "Logs hold tokens or passwords: who reads it",
        "Check the password: length, case.",
    ]
    assert [redactor.redact_sentence(text) for text in kept] == kept
    assert redactor.redact("password: hunter") == "password: [password-1]"
    assert redactor.redact_sentence("password: Tr0ub4dor and hunter2hunter2") == "password: [password-2] and [password-3]"
