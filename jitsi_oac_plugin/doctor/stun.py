"""STUN and TURN messages (RFC 8489, RFC 8656): written, read, and signed with a long-term key."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH = 0x001, 0x003, 0x004
_SUCCESS, _ERROR = 0x100, 0x110
USERNAME, INTEGRITY, ERROR_CODE, REALM, NONCE = 0x0006, 0x0008, 0x0009, 0x0014, 0x0015
MAPPED, RELAYED, LIFETIME, TRANSPORT = 0x0020, 0x0016, 0x000D, 0x0019
HEADER_BYTES = 20
_UDP = 17
_IPV6 = 2

Address = IPv4Address | IPv6Address


class MessageUnsound(ValueError):
    """What came is no answer to what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a long-term key is made of."""

    username: str
    password: str
    realm: bytes = b""
    nonce: bytes = b""

    @property
    def key(self) -> bytes:
        """The key that messages are signed with."""
        text = self.username.encode() + b":" + self.realm + b":" + self.password.encode()
        return hashlib.md5(text, usedforsecurity=False).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A server's answer; ``code`` is 0 for success."""

    code: int
    attributes: Mapping[int, bytes]
    transaction: bytes

    def address(self, attribute: int) -> Address | None:
        """Return an address that the server tells."""
        value = self.attributes.get(attribute, b"")
        mask = struct.pack("!I", COOKIE) + self.transaction
        size = 16 if value[1:2] == bytes([_IPV6]) else 4
        plain = bytes(a ^ b for a, b in zip(value[4 : 4 + size], mask, strict=False))
        if len(plain) != size:
            return None
        return IPv6Address(plain) if size == 16 else IPv4Address(plain)


def request(
    method: int,
    transaction: bytes,
    *,
    credentials: Credentials | None = None,
    lifetime_s: int | None = None,
) -> bytes:
    """Return a request, signed when there are credentials with a realm."""
    body = b""
    if method == ALLOCATE:
        body += _attribute(TRANSPORT, bytes([_UDP, 0, 0, 0]))
    if lifetime_s is not None:
        body += _attribute(LIFETIME, struct.pack("!I", lifetime_s))
    if credentials is None or not credentials.realm:
        return _head(method, len(body), transaction) + body
    body += _attribute(USERNAME, credentials.username.encode())
    body += _attribute(NONCE, credentials.nonce) + _attribute(REALM, credentials.realm)
    # The length counts the signature that is to come: RFC 8489, 14.5.
    signed = _head(method, len(body) + 24, transaction) + body
    mark = hmac.new(credentials.key, signed, hashlib.sha1).digest()
    return signed + _attribute(INTEGRITY, mark)


def length_of(head: bytes) -> int:
    """Return how many bytes follow a header on a stream. Raises ``MessageUnsound``."""
    _kind, length, cookie = struct.unpack("!HHI", head[:8])
    if cookie != COOKIE or length % 4:
        raise MessageUnsound("it is no STUN")
    return int(length)


def read_reply(data: bytes, *, method: int, transaction: bytes) -> Reply:
    """Return the answer to ``transaction``. Raises ``MessageUnsound``."""
    if len(data) < HEADER_BYTES or length_of(data) != len(data) - HEADER_BYTES:
        raise MessageUnsound("it is no whole STUN message")
    (kind,) = struct.unpack("!H", data[:2])
    if data[8:HEADER_BYTES] != transaction or kind not in (method | _SUCCESS, method | _ERROR):
        raise MessageUnsound("it answers something else")
    attributes = _attributes(data[HEADER_BYTES:])
    code = 0
    if kind == method | _ERROR:
        reason = attributes.get(ERROR_CODE, b"\0\0\0\0")
        code = (reason[2] & 7) * 100 + reason[3] if len(reason) >= 4 else 500
    return Reply(code=code or (500 if kind == method | _ERROR else 0), attributes=attributes,
                 transaction=transaction)  # fmt: skip


def _attributes(body: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(body):
        kind, length = struct.unpack("!HH", body[at : at + 4])
        value = body[at + 4 : at + 4 + length]
        if len(value) != length:
            raise MessageUnsound("an attribute is cut off")
        # The first of each kind counts: RFC 8489, 14.
        found.setdefault(kind, value)
        at += 4 + length + (-length % 4)
    return found


def _head(method: int, length: int, transaction: bytes) -> bytes:
    return struct.pack("!HHI", method, length, COOKIE) + transaction


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)
