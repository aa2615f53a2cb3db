"""Verification with what the user supplies: what holds passes, what does not fails for the right reason, the rest is said to be open."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta

import jwt as pyjwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from inspector.tokens import find_tokens
from inspector.tokens.base import Check, Token, Trust
from inspector.tokens.verification.expectations import difference
from inspector.tokens.verify import verified, verify
from tests.tokens.material import (
    CLAIMS,
    NOW,
    PROFILE,
    assertion,
    certificate,
    check,
    der_base64,
    ec_key,
    envelope,
    intermediate,
    jwk,
    jwks,
    jws,
    leaf,
    only,
    part,
    pem,
    public_pem,
    response,
    root,
    rsa_key,
    self_signed,
    signed,
    tokens_in,
)

# --- JWS ----------------------------------------------------------------------------------------------------------------


def signature_of(token: str, **trust: object) -> tuple[str, str, str]:
    return check(verify(only(find_tokens(token)), Trust(**trust)), "signature")  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
def test_rsa_holds(algorithm: str) -> None:
    assert signature_of(jws(key=rsa_key(), algorithm=algorithm), pem=(public_pem(rsa_key()),))[0] == "passed"


@pytest.mark.parametrize(
    "trust",
    [
        Trust(pem=(pem(self_signed()),)),
        Trust(pem=(public_pem(rsa_key()) + pem(leaf()),)),
        Trust(jwks=(jwks(jwk(rsa_key(), "k1", use="sig", alg="RS256")),)),
        Trust(jwks=(jwks({"kty": "RSA", "kid": "k1", "x5c": [der_base64(self_signed())]}),)),
        Trust(pem=(self_signed().public_bytes(serialization.Encoding.DER),)),
    ],
)
def test_every_way_to_supply_a_key(trust: Trust) -> None:
    found = check(verify(only(find_tokens(jws(key=rsa_key(), algorithm="RS256", kid="k1"))), trust), "signature")
    assert found[0] == "passed"


def test_elliptic_curve_and_shared_secret_hold() -> None:
    assert signature_of(jws(key=ec_key(), algorithm="ES256"), jwks=(jwks(jwk(ec_key(), "k")),))[0] == "passed"
    assert signature_of(jws(), secrets=(b"s" * 32,))[0] == "passed"


def test_a_secret_in_other_spelling_holds_and_says_so() -> None:
    found = signature_of(jws(key=b"\x01" * 32), secrets=(base64.b64encode(b"\x01" * 32),))
    assert found[0] == "passed"
    assert "after decoding it from base64" in found[2]


@pytest.mark.parametrize(
    ("token", "trust", "outcome", "cause", "words"),
    [
        (jws(), {}, "not possible", "", "no shared secret was supplied"),
        (jws(key=rsa_key(), algorithm="RS256"), {}, "not possible", "", "no public key"),
        (jws(), {"secrets": (b"other",)}, "failed", "signature_mismatch", "the shared secret does not verify it"),
        (
            jws(key=rsa_key(1), algorithm="RS256", kid="new"),
            {"jwks": (jwks(jwk(rsa_key(), "old")),)},
            "failed",
            "untrusted_issuer",
            "wrong key: the token was signed with 'new', supplied are old",
        ),
        (
            jws(key=rsa_key(1), algorithm="RS256", kid="k1"),
            {"jwks": (jwks(jwk(rsa_key(), "k1")),)},
            "failed",
            "signature_mismatch",
            "were changed after signing",
        ),
        (jws(key=rsa_key(1), algorithm="RS256"), {"pem": (pem(self_signed()),)}, "failed", "signature_mismatch", "the only fitting key supplied does not verify it"),
        (jws(key=rsa_key(), algorithm="RS256"), {"jwks": (jwks(jwk(ec_key(), "k")),)}, "not possible", "", "none of the keys supplied fits RS256"),
        (jws(key=rsa_key(), algorithm="RS256", kid="k"), {"jwks": (jwks(jwk(ec_key(), "k")),)}, "failed", "unsupported", "does not fit RS256"),
        (jws(key=rsa_key(), algorithm="RS256", kid="k"), {"jwks": (jwks(jwk(rsa_key(), "k", alg="PS256")),)}, "failed", "unsupported", "is for PS256 only"),
        (jws(key=rsa_key(), algorithm="RS256", kid="k"), {"jwks": (jwks(jwk(rsa_key(), "k", use="enc")),)}, "failed", "unsupported", "for encryption"),
        (f"{part({'alg': 'none'})}.{part(CLAIMS)}.", {"secrets": (b"s",)}, "failed", "unsupported", "anybody can write such a token (attack)"),
        (f"{part({'alg': 'HS256'})}.{part(CLAIMS)}.", {"secrets": (b"s",)}, "failed", "signature_mismatch", "the signature is empty (attack)"),
        (jws()[:-20] + "***", {"secrets": (b"s" * 32,)}, "not possible", "", "the log altered the token"),
        (f"{part({'alg': 'HS256', 'crit': ['x'], 'x': 1})}.{part(CLAIMS)}.YQ", {"secrets": (b"s",)}, "failed", "unsupported", "unknown here: x"),
    ],
)  # fmt: skip
def test_what_does_not_hold_says_why(token: str, trust: dict[str, object], outcome: str, cause: str, words: str) -> None:
    found = signature_of(token, **trust)
    assert found[:2] == (outcome, cause), found
    assert words in found[2]


def test_changed_claims() -> None:
    header, _, signature = jws(key=rsa_key(), algorithm="RS256", kid="k1").split(".")
    changed = f"{header}.{part({**CLAIMS, 'sub': 'root'})}.{signature}"
    assert signature_of(changed, jwks=(jwks(jwk(rsa_key(), "k1")),))[:2] == ("failed", "signature_mismatch")


@pytest.mark.parametrize("form", [public_pem(rsa_key()), public_pem(rsa_key()).strip(), pem(self_signed())])
def test_public_key_as_secret_is_an_attack(form: bytes) -> None:
    import hmac

    message = f"{part({'alg': 'HS256'})}.{part(CLAIMS)}"
    forged = f"{message}.{part(hmac.digest(form, message.encode(), 'sha256'))}"
    outcome, cause, reason = signature_of(forged, pem=(pem(self_signed()),))
    assert (outcome, cause) == ("failed", "signature_mismatch")
    assert reason.startswith("attack: signed with HS256 using the public certificate of idp0.example")


def test_signature_in_der_is_explained() -> None:
    header, claims, signature = jws(key=ec_key(), algorithm="ES256").split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    assert decode_dss_signature(der)
    assert "written in DER" in signature_of(f"{header}.{claims}.{part(der)}", pem=(public_pem(ec_key()),))[2]


def test_keys_that_cannot_be_read_are_named() -> None:
    found = verify(only(find_tokens(jws())), Trust(pem=(b"nonsense",), jwks=("{", '{"keys": [{"kty": "XX", "kid": "z"}]}')))
    reason = check(found, "keys supplied")[2]
    for words in ("holds no certificate or public key", "is not JSON", "'z' (kty XX) cannot be read"):
        assert words in reason


# --- audience, issuer, revocation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "expected", "words"),
    [
        ("https://a/", "https://a", "the slash at the end only; the token has it"),
        ("https://a", "https://a/", "the slash at the end only; the expected value has it"),
        ("https://A.example/x", "https://a.example/X", "upper and lower case only"),
        ("http://a.example/x", "https://a.example/x", "they differ in the scheme only"),
        ("https://a.example:443/x", "https://a.example/x", "the port of the scheme"),
        ("https://a.example:8443/x", "https://a.example/x", "scheme or port only"),
        ("api://7b1e3c0a-0000-4000-8000-000000000001", "7b1e3c0a-0000-4000-8000-000000000001", "'api://…'"),
        ("7b1e3c0a-0000-4000-8000-000000000001", "api://7b1e3c0a-0000-4000-8000-000000000001", "bare client id"),
        ("7b1e3c0a-0000-4000-8000-000000000001", "https://graph.example", "client id, expected is an App ID URI"),
        ("api", " api", "white space"),
        ("https://a/b%20c", "https://a/b c", "percent-encoding"),
        ("https://sts.windows.net/t1/", "https://login.microsoftonline.com/t1/v2.0", "version 1.0 tokens"),
        ("https://sts.windows.net/t1/", "https://login.microsoftonline.com/common/v2.0", "shared endpoint"),
        ("https://a.example/realms/x", "https://a.example/realms/y", "same host, other path"),
        ("https://a.example/realms/x", "https://b.example/realms/x", "same path, other host"),
        ("shop", "billing", ""),
        ("http://[", "https://x", ""),
    ],
)
def test_near_misses_are_explained(found: str, expected: str, words: str) -> None:
    reason = difference(found, expected)
    assert words in reason
    assert bool(words) == bool(reason)


def test_audience_and_issuer() -> None:
    token = only(find_tokens(jws()))
    good = verify(token, Trust(audiences=("api",), issuers=("https://idp.example",)))
    assert (check(good, "audience")[0], check(good, "issuer")[0]) == ("passed", "passed")
    bad = verify(token, Trust(audiences=("API",), issuers=("https://idp.example/",)))
    assert check(bad, "audience") == (
        "failed",
        "audience_mismatch",
        "'api' is not 'API': they differ in upper and lower case only; they are compared character by character",
    )
    assert check(bad, "issuer")[:2] == ("failed", "untrusted_issuer")
    assert check(verify(token, Trust()), "audience")[0] == "not possible"


@pytest.mark.parametrize(("revoked", "outcome"), [({"t-1"}, "failed"), ({"t-2"}, "passed"), (set(), "not possible")])
def test_revoked_jti(revoked: set[str], outcome: str) -> None:
    assert check(verify(only(find_tokens(jws())), Trust(revoked=frozenset(revoked))), "revocation")[0] == outcome


# --- XML signatures -----------------------------------------------------------------------------------------------------

SIGNED = signed(assertion(), identifier="_a1")
TRUSTED = Trust(pem=(pem(self_signed()),))


def saml(xml: str) -> Token:
    return only(tokens_in(xml, "saml"))


def xml_checks(xml: str, trust: Trust = TRUSTED) -> tuple[Check, ...]:
    return verify(saml(xml), trust, NOW)


def test_signed_assertion_holds() -> None:
    found = xml_checks(SIGNED)
    assert check(found, "digest") == ("passed", "", "the signed part is unchanged: #_a1")
    assert check(found, "signature")[0] == "passed"
    signature = only(tokens_in(SIGNED, "signature"))
    assert check(verify(signature, TRUSTED, NOW), "chain")[0] == "passed"


def test_it_holds_inside_a_response_and_by_metadata() -> None:
    metadata = (
        '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example"><IDPSSODescriptor><KeyDescriptor use="signing">'
        f'<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{der_base64(self_signed())}</X509Certificate></X509Data></KeyInfo>'
        "</KeyDescriptor></IDPSSODescriptor></EntityDescriptor>"
    )
    found = xml_checks(response(SIGNED), Trust(metadata=(metadata.encode(),)))
    assert check(found, "signature")[0] == "passed"
    assert "metadata of https://idp.example" in check(found, "signature")[2]


def test_changed_content_names_the_part() -> None:
    found = xml_checks(SIGNED.replace("alice@example", "root@example", 1))
    assert check(found, "digest") == ("failed", "signature_mismatch", "changed after signing: #_a1")
    assert check(found, "signature")[0] == "passed"


def test_wrong_key_names_both() -> None:
    outcome, cause, reason = check(xml_checks(SIGNED, Trust(pem=(pem(self_signed(1)),))), "signature")
    assert (outcome, cause) == ("failed", "untrusted_issuer")
    assert "wrong key: signed with certificate of idp0.example, thumbprint" in reason
    assert "expected certificate of idp1.example, thumbprint" in reason


def test_changed_signature_value() -> None:
    value = SIGNED.split("<ds:SignatureValue>")[1].split("</ds:SignatureValue>")[0]
    broken = SIGNED.replace(value, base64.b64encode(bytes(256)).decode())
    found = xml_checks(broken)
    assert check(found, "digest")[0] == "passed"
    assert check(found, "signature")[:2] == ("failed", "signature_mismatch")
    assert "the right certificate was supplied" in check(found, "signature")[2]


def test_without_a_key_the_content_is_judged_and_the_trust_left_open() -> None:
    found = xml_checks(SIGNED, Trust())
    assert check(found, "digest")[0] == "passed"
    assert check(found, "signature")[0] == "not possible"
    assert "no certificate was supplied" in check(found, "signature")[2]


def test_what_the_log_altered_is_not_checkable() -> None:
    found = xml_checks(SIGNED[: SIGNED.index("</saml:Conditions>")])
    assert check(found, "signature")[0] == "not possible"
    assert "the log altered the text" in check(found, "signature")[2]


def test_indentation_by_the_log_is_undone() -> None:
    from lxml import etree

    element = etree.fromstring(SIGNED)
    etree.indent(element)
    found = xml_checks(etree.tostring(element).decode())
    assert [one.outcome.value for one in found[:2]] == ["passed", "passed"]
    assert "white space between the elements was taken out" in found[0].reason


def test_dtd_is_refused() -> None:
    assert check(xml_checks("<!DOCTYPE a>" + SIGNED), "signature")[:2] == ("failed", "malformed")


def test_unsigned_says_so() -> None:
    assert check(xml_checks(assertion()), "signature") == ("not possible", "", "it carries no signature of its own")


def test_encrypted_after_signing_is_not_called_changed() -> None:
    body = SIGNED.replace("<saml:NameID>alice@example</saml:NameID>", '<x:EncryptedData xmlns:x="http://www.w3.org/2001/04/xmlenc#"/>')
    assert check(verify(only(tokens_in(body, "signature")), TRUSTED), "digest")[0] == "not possible"


def test_unknown_transform_is_not_run() -> None:
    odd = SIGNED.replace(
        'Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"', 'Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"'
    )
    found = check(verify(only(tokens_in(odd, "signature")), TRUSTED), "digest")
    assert found[0] == "not possible"
    assert "XSLT" in found[2]


# --- certificates -------------------------------------------------------------------------------------------------------


def chain_of(certificate_: x509.Certificate, trust: Trust, at: datetime = NOW) -> tuple[Check, ...]:
    return verify(only(find_tokens(der_base64(certificate_))), trust, at)


def test_chain_to_the_root() -> None:
    found = chain_of(leaf(), Trust(pem=(pem(root()), pem(intermediate()))))
    assert check(found, "chain") == ("passed", "", "sts.example issued by Intermediate")
    assert check(found, "validity")[0] == "passed"


def test_chain_through_the_certificates_of_the_message() -> None:
    from cryptography.hazmat.primitives.serialization import pkcs7

    bundle = base64.b64encode(pkcs7.serialize_certificates([intermediate(), leaf()], serialization.Encoding.DER)).decode()
    found = verify(only(find_tokens(f"chain {bundle}")), Trust(pem=(pem(root()),)), NOW)
    assert check(found, "chain")[2] == "sts.example issued by Intermediate issued by Root"


@pytest.mark.parametrize(
    ("subject", "trust", "words"),
    [
        (leaf(), Trust(pem=(pem(root()),)), "its issuer CN=Intermediate,O=Example is not among the certificates supplied"),
        (self_signed(), Trust(pem=(pem(root()),)), "which signs itself and is not among those supplied"),
        (leaf(), Trust(pem=(pem(certificate("Intermediate", ec_key(3), authority=True)),)), "but its key did not sign this one"),
    ],
)
def test_chains_that_end_nowhere(subject: x509.Certificate, trust: Trust, words: str) -> None:
    outcome, cause, reason = check(chain_of(subject, trust), "chain")
    assert (outcome, cause) == ("failed", "untrusted_issuer")
    assert words in reason


def test_an_issuer_must_be_an_authority() -> None:
    no_authority = certificate("Office", ec_key(4), issuer=root(), issuer_key=ec_key(1))
    forged = certificate("sts.example", rsa_key(), issuer=no_authority, issuer_key=ec_key(4))
    found = chain_of(forged, Trust(pem=(pem(root()), pem(no_authority))))
    assert check(found, "chain")[2] == "Office issued it but is no certificate authority"


@pytest.mark.parametrize(
    ("at", "outcome", "cause"),
    [(NOW, "passed", ""), (NOW + timedelta(days=400), "failed", "expired"), (NOW - timedelta(days=40), "failed", "clock_skew")],
)
def test_validity_at_the_tokens_time(at: datetime, outcome: str, cause: str) -> None:
    assert check(chain_of(leaf(), Trust(pem=(pem(leaf()),)), at), "validity")[:2] == (outcome, cause)


def crl(serials: dict[int, datetime], key: ec.EllipticCurvePrivateKey, *, next_update: datetime = NOW + timedelta(days=7)) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(intermediate().subject)
        .last_update(NOW - timedelta(days=1))
        .next_update(next_update)
    )
    for serial, when in serials.items():
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when).build())
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("trust", "outcome", "cause", "words"),
    [
        (Trust(), "not possible", "", "no revocation list was supplied"),
        (Trust(revoked=frozenset({"abc"})), "failed", "revoked", "serial number abc"),
        (Trust(crls=(crl({0xABC: NOW - timedelta(days=2)}, ec_key(2)),)), "failed", "revoked", "revoked on 2026-01-29"),
        (Trust(crls=(crl({0xABC: NOW + timedelta(hours=1)}, ec_key(2)),)), "passed", "", "which is after"),
        (Trust(crls=(crl({1: NOW}, ec_key(2)),)), "passed", "", "not on the list of CN=Intermediate"),
        (Trust(crls=(crl({0xABC: NOW - timedelta(days=2)}, ec_key(3)),)), "not possible", "", "not signed by the certificate's issuer"),
        (Trust(crls=(crl({}, ec_key(2), next_update=NOW - timedelta(hours=1)),)), "not possible", "", "was to be replaced by"),
    ],
)
def test_revocation(trust: Trust, outcome: str, cause: str, words: str) -> None:
    known = Trust(pem=(pem(intermediate()), pem(root())), crls=trust.crls, revoked=trust.revoked)
    found = check(chain_of(leaf(), known), "revocation")
    assert found[:2] == (outcome, cause)
    assert words in found[2]


# --- passwords ----------------------------------------------------------------------------------------------------------

NONCE, CREATED, PASSWORD = b"nonce bytes", "2026-01-31T10:21:49Z", "s3cret"


def digest(*parts: bytes, algorithm: str = "sha1") -> str:
    return base64.b64encode(hashlib.new(algorithm, b"".join(parts)).digest()).decode()


def user(password: str, kind: str = "PasswordDigest", nonce: str = base64.b64encode(NONCE).decode()) -> Token:
    xml = (
        f'<wsse:UsernameToken><wsse:Username>alice</wsse:Username><wsse:Password Type="{PROFILE}#{kind}">{password}</wsse:Password>'
        f"<wsse:Nonce>{nonce}</wsse:Nonce><wsu:Created>{CREATED}</wsu:Created></wsse:UsernameToken>"
    )
    return only(tokens_in(envelope(xml), "username"))


RIGHT = digest(NONCE, CREATED.encode(), PASSWORD.encode())


@pytest.mark.parametrize(
    ("token", "outcome", "cause", "words"),
    [
        (user(RIGHT), "passed", "", "the digest is that of the password supplied"),
        (user(digest(NONCE, CREATED.encode(), b"other")), "failed", "bad_credentials", "is not that of the password"),
        (
            user(digest(base64.b64encode(NONCE), CREATED.encode(), PASSWORD.encode())),
            "failed",
            "malformed",
            "base64 text of the nonce instead of its bytes",
        ),
        (user(digest(NONCE, PASSWORD.encode())), "failed", "malformed", "the creation time was left out"),
        (user(digest(CREATED.encode(), PASSWORD.encode())), "failed", "malformed", "the nonce was left out"),
        (user(digest(PASSWORD.encode())), "failed", "malformed", "from the password alone"),
        (user(digest(NONCE, CREATED.encode(), PASSWORD.encode(), algorithm="sha256")), "failed", "malformed", "SHA-256"),
        (user(base64.b64decode(RIGHT).hex()), "failed", "malformed", "hexadecimal"),
        (user(digest(NONCE, CREATED.encode(), PASSWORD.encode("utf-16-le"))), "failed", "malformed", "UTF-16"),
        (user("*****"), "not possible", "", "the log hides the password"),
        (user(PASSWORD, "PasswordText"), "passed", "", "the password is the one supplied"),
        (user("wrong", "PasswordText"), "failed", "bad_credentials", "is not the one supplied"),
        (user(RIGHT, "PasswordText"), "failed", "malformed", "its type says that it is plain text"),
    ],
)
def test_password(token: Token, outcome: str, cause: str, words: str) -> None:
    found = check(verify(token, Trust(passwords={"alice": PASSWORD})), "password")
    assert found[:2] == (outcome, cause)
    assert words in found[2]
    assert PASSWORD not in found[2]


def test_password_of_another_user() -> None:
    assert "one was for 'Alice'" in check(verify(user(RIGHT), Trust(passwords={"Alice": PASSWORD})), "password")[2]
    assert check(verify(user(RIGHT), Trust()), "password")[0] == "not possible"


# --- all ----------------------------------------------------------------------------------------------------------------


def test_verified_keeps_the_tokens_own_checks_and_reaches_inside() -> None:
    token = verified(saml(response(SIGNED)), TRUSTED, NOW)
    assert [one.name for one in token.checks] == ["format", "status", "digest", "signature", "audience", "issuer", "revocation"]
    assert check(token.inner[0], "signature")[0] == "passed"


def test_kinds_that_have_nothing_to_verify() -> None:
    assert verify(only(find_tokens("access_token=2YotnFZFEjr1zCsicMWpAA")), TRUSTED) == ()


def test_no_reason_repeats_a_secret() -> None:
    token = jws()
    for trust in (Trust(), Trust(secrets=(b"hunter2-hunter2",)), Trust(secrets=(b"s" * 32,))):
        for one in verify(only(find_tokens(token)), trust):
            assert token not in one.reason
            assert "hunter2" not in one.reason


def test_pyjwt_agrees() -> None:
    token = jws(key=rsa_key(), algorithm="RS256")
    assert (
        pyjwt.decode(token, rsa_key().public_key(), algorithms=["RS256"], audience="api", options={"verify_exp": False})["sub"] == "alice"
    )


def test_a_date_without_zone_does_not_hinder_verification() -> None:
    loose = signed(assertion().replace('IssueInstant="2026-01-31T10:21:49Z"', 'IssueInstant="2026-01-31T10:21:49"'), identifier="_a1")
    assert check(xml_checks(loose), "signature")[0] == "passed"
    assert check(xml_checks(loose.replace("alice@example", "root@example", 1)), "digest")[0] == "failed"
