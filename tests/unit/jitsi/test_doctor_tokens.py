"""The tokens that the doctor tries are bad in the one way that they are named after."""

from __future__ import annotations

from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from jitsi_oac_plugin import Issuer
from jitsi_oac_plugin.doctor.tokens import Tokens

SECRET = "s" * 40


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    """Give a town's private key."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(params=["HS256", "RS256"])
def signing(request: pytest.FixtureRequest, key: RSAPrivateKey) -> tuple[Tokens, object]:
    """Give the tokens of either algorithm, and what a server verifies them with."""
    if request.param == "HS256":
        issuer = Issuer(domain="meet.example", app_id="oac", secret=SECRET)
        return Tokens(issuer, lambda: datetime.now(UTC)), SECRET
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    issuer = Issuer(
        domain="meet.example", app_id="oac", secret=pem, algorithm="RS256", key_id="town-1"
    )
    return Tokens(issuer, lambda: datetime.now(UTC)), key.public_key()


def _claims(token: str, verifier: object) -> dict[str, object]:
    return dict(
        jwt.decode(
            token,
            verifier,  # type: ignore[arg-type]  # a secret or a public key
            algorithms=["HS256", "RS256"],
            audience="jitsi",
            issuer="oac",
        )
    )


def test_good_tokens_are_good(signing: tuple[Tokens, object]) -> None:
    """Clerk and citizen pass, for their room; the wildcard passes for any."""
    tokens, verifier = signing
    assert _claims(tokens.clerk("oac-1"), verifier)["room"] == "oac-1"
    assert _claims(tokens.citizen("oac-1"), verifier)["sub"] == "meet.example"
    assert _claims(tokens.wildcard("oac-1"), verifier)["room"] == "*"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("expired", jwt.ExpiredSignatureError),
        ("early", jwt.ImmatureSignatureError),
        ("other_issuer", jwt.InvalidIssuerError),
        ("forged", jwt.InvalidSignatureError),
        ("unsigned", jwt.InvalidAlgorithmError),
    ],
)
def test_bad_tokens_are_bad_in_one_way(
    signing: tuple[Tokens, object], name: str, error: type[Exception]
) -> None:
    """A sound verifier refuses each for its own reason."""
    tokens, verifier = signing
    with pytest.raises(error):
        _claims(getattr(tokens, name)("oac-1"), verifier)


def test_a_token_for_another_room_is_sound(signing: tuple[Tokens, object]) -> None:
    """Only the room is another one."""
    tokens, verifier = signing
    assert _claims(tokens.other_room("oac-1"), verifier)["room"] != "oac-1"
