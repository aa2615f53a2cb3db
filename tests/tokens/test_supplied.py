"""What the user supplies is recognised by its content, and what cannot be used is named with what would do."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.tokens.supplied import SUPPLIED_LIMIT, SuppliedError, trust_of

PEM = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
CRL = b"-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n"


def written(folder: Path, content: bytes, name: str = "supplied") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_each_kind_is_recognised(tmp_path: Path) -> None:
    files = {
        "pem": PEM,
        "der": b"\x30\x82\x01\x00",
        "crl": CRL,
        "jwks": b'{"keys": []}',
        "jwk": b'{"kty": "oct", "k": "AA"}',
        "metadata": b'\xef\xbb\xbf<?xml version="1.0"?><EntityDescriptor/>',
    }
    trust = trust_of(trust=[written(tmp_path, content, name) for name, content in files.items()], audiences=["a"], issuers=["i"])
    assert trust.pem == (files["pem"], files["der"])
    assert trust.crls == (files["crl"],)
    assert [text[:4] for text in trust.jwks] == ['{"ke', '{"kt']
    assert trust.metadata == (files["metadata"],)
    assert (trust.audiences, trust.issuers) == (("a",), ("i",))


def test_revoked_lists_and_crls(tmp_path: Path) -> None:
    listed = written(tmp_path, b"0A:1B:2C  # lost laptop\n\njti-of-a-token\n", "list")
    trust = trust_of(revoked=[listed, written(tmp_path, CRL, "crl")])
    assert {"0A:1B:2C", "a1b2c", "jti-of-a-token"} <= trust.revoked
    assert trust.crls == (CRL,)


def test_secrets_and_passwords(tmp_path: Path) -> None:
    trust = trust_of(secrets=[written(tmp_path, b"s3cret\n", "s")], passwords=[written(tmp_path, b"alice:pa:ss \n\nCORP\\bob:x\n", "p")])
    assert trust.secrets == (b"s3cret",)
    assert trust.passwords == {"alice": "pa:ss ", "CORP\\bob": "x"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"hello", "neither PEM nor DER"),
        (b"{broken", "begins as JSON but is not"),
        (b'{"a": 1}', "JSON without keys"),
        (b"[" * 100_000, "neither PEM nor DER"),
        (b'{"keys":' + b"[" * 100_000, "begins as JSON but is not"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(SuppliedError, match=said) as caught:
        trust_of(trust=[path])
    assert str(path) in str(caught.value)


def test_other_refusals(tmp_path: Path) -> None:
    with pytest.raises(SuppliedError, match="cannot be read"):
        trust_of(trust=[tmp_path / "missing"])
    large = tmp_path / "large"
    with large.open("wb") as opened:
        opened.truncate(SUPPLIED_LIMIT + 1)
    with pytest.raises(SuppliedError, match="larger than"):
        trust_of(trust=[large])
    with pytest.raises(SuppliedError, match="line 2: no colon"):
        trust_of(passwords=[written(tmp_path, b"a:b\nc\n")])
    with pytest.raises(SuppliedError, match="neither a revocation list"):
        trust_of(revoked=[written(tmp_path, b"\xff\xfe\x00\x00")])
