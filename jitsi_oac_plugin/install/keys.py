"""The key pair of a server that takes RS256: the public half for Prosody, the other for the bridge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jitsi_oac_plugin import server_texts as texts
from jitsi_oac_plugin.errors import LayoutUnknown
from jitsi_oac_plugin.install.plan import Change, has_group, read_record

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

PRIVATE = Path(texts.PRIVATE_KEY_FILE.lstrip("/"))
PUBLIC = Path(texts.PUBLIC_KEY_FILE.lstrip("/"))
BRIDGE_GROUP = "oac-bridge"
_LEAST_BITS = 2048


@dataclass(frozen=True, slots=True)
class Pair:
    """Both halves in PEM; the private one is None where somebody else keeps it."""

    public: bytes
    private: bytes | None = None

    @property
    def key_id(self) -> str:
        """What the public half is found by, if nobody gave it another name."""
        return hashlib.sha256(self.public).hexdigest()[:16]

    def changes(self, root: Path) -> Iterator[Change]:
        """Yield the files: everybody may read the one, the bridge alone the other."""
        yield Change(path=PUBLIC, after=self.public)
        if self.private is not None:
            yield _private_half(root, self.private)


def leavings(root: Path) -> Iterator[Change]:
    """Yield what goes of a pair that we made, once a shared secret signs instead.

    Whoever goes back to RS256 gets a new pair: a key that opens nothing is better gone than kept.
    """
    ours = read_record(root)["files"]
    for one in (Change(path=PUBLIC, after=None), _private_half(root, None)):
        if str(one.path) in ours and (root / one.path).exists():
            yield one


def _private_half(root: Path, content: bytes | None) -> Change:
    group = BRIDGE_GROUP if has_group(root, BRIDGE_GROUP) else ""
    return Change(path=PRIVATE, after=content, mode=0o640, group=group, is_secret=True)


def find(root: Path, *, public_file: Path | None, private_file: Path | None) -> Pair:
    """Return the pair in use below ``root``: of the files given, else what is there, else a new one.

    A private half that was taken away, to the bridge's machine, is not made again.
    """
    if public_file:
        return Pair(_pem(_public(_content(public_file), public_file)))
    private, public = root / PRIVATE, root / PUBLIC
    if private_file and private_file != Path(texts.PRIVATE_KEY_FILE):
        key = _private(_content(private_file), private_file)
        return Pair(_pem(key.public_key()))
    if private.exists():
        content = _content(private)
        return Pair(_pem(_private(content, private).public_key()), content)
    if public.exists():
        return Pair(_pem(_public(_content(public), public)))
    return _new()


def _new() -> Pair:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=_LEAST_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Pair(_pem(key.public_key()), private)


def _pem(key: RSAPublicKey) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _public(content: bytes, file: Path) -> RSAPublicKey:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if b"PRIVATE KEY" in content:
        raise LayoutUnknown(
            f"{file} is a private key, which the bridge alone may have: please give its public half, "
            f"made by: openssl pkey -in {file.name} -pubout"
        )
    try:
        key = load_pem_public_key(content)
    except ValueError:
        key = None
    if not isinstance(key, rsa.RSAPublicKey):
        raise LayoutUnknown(f"{file} is no RSA public key in PEM: please see what it holds.")
    return _long_enough(key, file)


def _private(content: bytes, file: Path) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise LayoutUnknown(
            f"{file} is no RSA private key in PEM without a password: please see what it holds."
        )
    _long_enough(key.public_key(), file)
    return key


def _long_enough(key: RSAPublicKey, file: Path) -> RSAPublicKey:
    if key.key_size < _LEAST_BITS:
        raise LayoutUnknown(
            f"{file} has {key.key_size} bits, which can be broken: please make a key of "
            f"{_LEAST_BITS} bits or more."
        )
    return key


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise LayoutUnknown(f"{file} cannot be read: {error.strerror}.") from None
