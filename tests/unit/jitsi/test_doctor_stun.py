"""STUN and TURN messages as the standards have them."""

from __future__ import annotations

import struct
from ipaddress import ip_address

import pytest

from jitsi_oac_plugin.doctor import stun
from jitsi_oac_plugin.doctor.stun import Credentials, MessageUnsound

# RFC 5769, 2.2 and 2.3: sample answers by IPv4 and IPv6.
TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
ANSWER_4 = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004c07d4c96"
)
ANSWER_6 = bytes.fromhex(
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf1"
    "1784c97c8292c275bfe3ed4180280004c8fb0b4c"
)
REQUEST = bytes.fromhex(
    "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383"
    "e382afe382b900000015001c662f2f3439396b39353464364f4c33346f4c394653547679"
    "363473410014000b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e071"
    "2e85c9a28ca89666"
)


@pytest.mark.parametrize(
    ("answer", "address"),
    [(ANSWER_4, "192.0.2.1"), (ANSWER_6, "2001:db8:1234:5678:11:2233:4455:6677")],
)
def test_the_standards_answers_are_read(answer: bytes, address: str) -> None:
    """The sample answers tell the addresses that the standard says they do."""
    reply = stun.read_reply(answer, method=stun.BINDING, transaction=TRANSACTION)
    assert reply.code == 0
    assert reply.address(stun.MAPPED) == ip_address(address)


def test_a_request_is_signed_as_in_the_standard() -> None:
    """RFC 5769, 2.4: a request with a long-term key is the sample, byte by byte."""
    given = Credentials(
        username="\u30de\u30c8\u30ea\u30c3\u30af\u30b9",
        password="TheMatrIX",
        realm=b"example.org",
        nonce=b"f//499k954d6OL34oL9FSTvy64sA",
    )
    assert stun.request(stun.BINDING, REQUEST[8:20], credentials=given) == REQUEST


def test_a_refusal_tells_its_code() -> None:
    """The class and number of an error are put together."""
    body = struct.pack("!HHBBBB", stun.ERROR_CODE, 4, 0, 0, 4, 38)
    head = struct.pack("!HHI", 0x113, len(body), stun.COOKIE) + TRANSACTION
    reply = stun.read_reply(head + body, method=stun.ALLOCATE, transaction=TRANSACTION)
    assert reply.code == 438


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        ANSWER_4[:-4],
        ANSWER_4 + b"\0\0\0\0",
        ANSWER_4[:8] + bytes(12) + ANSWER_4[20:],
        b"\x01\x03" + ANSWER_4[2:],
        ANSWER_4[:22] + b"\xff\xff" + ANSWER_4[24:],
    ],
)
def test_whatever_is_no_answer_is_said(data: bytes) -> None:
    """Cut off, foreign and made-up messages are claims, never crashes."""
    with pytest.raises(MessageUnsound):
        stun.read_reply(data, method=stun.BINDING, transaction=TRANSACTION)


def test_no_address_is_none() -> None:
    """An answer without the address that was hoped for has none."""
    reply = stun.read_reply(ANSWER_4, method=stun.BINDING, transaction=TRANSACTION)
    assert reply.address(stun.RELAYED) is None
