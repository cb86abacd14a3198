"""The part of the configuration about meetings, and what can be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

LEAST_SECRET_BYTES = 32
_STRICT = {"extra": "forbid"}
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{1,28}")


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServer:
    """A STUN or TURN server that a direct meeting may use."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingSettings:
    """Who carries the meetings: the two browsers alone, or a Jitsi server.

    ``domain`` is the Jitsi server's host name, with a port if it has one. Tokens are signed with
    ``app_secret`` (HS256) or with the key in ``private_key_file``, which the server finds the
    public half of by ``key_id`` (RS256). ``events_secret`` is what the server signs its reports
    with; ``control_url`` and ``control_secret`` are how it is told what to do. ``phones`` are the
    counters' telephone numbers by their keys, for when no meeting comes about, and
    ``document_camera`` is a part of the name of their document cameras, where it is not known.
    ``own_page`` says that the server's own page carries our part (docs/meeting-page.md), so that
    the desk leads there.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    provider: Literal["direct", "jitsi"] = "direct"
    domain: str = ""
    app_id: str = ""
    algorithm: Literal["HS256", "RS256"] = "HS256"
    app_secret: str = field(default="", repr=False)
    key_id: str = ""
    private_key_file: Path | None = None
    events_secret: str = field(default="", repr=False)
    control_url: str = ""
    control_secret: str = field(default="", repr=False)
    token_minutes: int = 120
    document_camera: str = ""
    own_page: bool = False
    ice_servers: tuple[IceServer, ...] = ()
    phones: dict[str, str] = field(default_factory=dict)


def meeting_mistakes(chosen: MeetingSettings) -> list[str]:
    """Return what is wrong with the meetings' settings, a sentence each."""
    mistakes = [*_phone_mistakes(chosen), *_control_mistakes(chosen)]
    if not 1 <= chosen.token_minutes <= 24 * 60:
        mistakes.append("meeting.token_minutes: a number from 1 to 1440 is needed")
    if _is_short(chosen.events_secret):
        mistakes.append(_too_short("events_secret"))
    if chosen.provider == "jitsi":
        mistakes += _server_mistakes(chosen)
    return mistakes


def _server_mistakes(chosen: MeetingSettings) -> Iterator[str]:
    signing = {"HS256": ("app_secret",), "RS256": ("private_key_file", "key_id")}
    for name in ("domain", "app_id", *signing[chosen.algorithm]):
        if not getattr(chosen, name):
            yield f"meeting.{name}: needed with the provider jitsi"
    if chosen.domain and not _DOMAIN.fullmatch(chosen.domain):
        yield "meeting.domain: needs the form meet.example.org or meet.example.org:8443"
    if chosen.algorithm == "HS256" and _is_short(chosen.app_secret):
        yield _too_short("app_secret")
    if chosen.algorithm == "RS256" and chosen.private_key_file is not None:
        yield from _key_mistakes(chosen.private_key_file)


def _key_mistakes(file: Path) -> Iterator[str]:
    # Imported here: only who signs with a key file needs it at every start.
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        yield f"meeting.private_key_file: {file} cannot be read ({error.strerror})"
    except (ValueError, TypeError):
        yield f"meeting.private_key_file: {file} is no private key in PEM without a password"
    else:
        if not isinstance(key, RSAPrivateKey):
            yield f"meeting.private_key_file: {file} is no RSA key"


def _control_mistakes(chosen: MeetingSettings) -> Iterator[str]:
    if bool(chosen.control_url) != bool(chosen.control_secret):
        yield "meeting.control_url and meeting.control_secret: both are needed, or neither"
    if _is_short(chosen.control_secret):
        yield _too_short("control_secret")
    if chosen.control_url and not _is_private(chosen.control_url):
        yield (
            "meeting.control_url: needs https://, or http:// to this machine or a container "
            "beside it, as http://127.0.0.1:5280/oac"
        )


def _phone_mistakes(chosen: MeetingSettings) -> Iterator[str]:
    for key, number in chosen.phones.items():
        if not _PHONE.fullmatch(number):
            yield f"meeting.phones.{key}: needs a telephone number"


def _is_private(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.query or parts.fragment or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_near(host))


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        # A name without a dot is this machine, or a container beside ours on a network of its own.
        return "." not in host


def _is_short(secret: str) -> bool:
    return 0 < len(secret.encode()) < LEAST_SECRET_BYTES


def _too_short(name: str) -> str:
    return (
        f"meeting.{name}: needs at least {LEAST_SECRET_BYTES} bytes; "
        "make one with: openssl rand -hex 32"
    )
