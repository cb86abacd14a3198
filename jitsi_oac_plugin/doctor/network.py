"""Names, connections and their failures: everything bounded, every failure a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Any, TypeVar

from jitsi_oac_plugin.doctor.findings import Silent
from jitsi_oac_plugin.doctor.target import Target

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Wire:
    """An open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The TLS side of it."""
        found: ssl.SSLObject | None = self.writer.get_extra_info("ssl_object")
        return found


def is_numeric(host: str) -> bool:
    """Say whether ``host`` is an address instead of a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def in_thread(work: Callable[[], Value], *, limit_s: float) -> Value:
    """Do something that cannot be interrupted. Raises ``TimeoutError`` and what ``work`` raises.

    The thread does not keep the program alive: a resolver may take half a minute to give up.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Value] = loop.create_future()

    def run() -> None:
        try:
            value = work()
        except Exception as error:  # noqa: BLE001  # handed on to whoever waits
            _call(loop, partial(_settle, done, done.set_exception, error))
        else:
            _call(loop, partial(_settle, done, done.set_result, value))

    threading.Thread(target=run, daemon=True).start()
    async with asyncio.timeout(limit_s):
        return await done


def _settle(done: asyncio.Future[Value], settle: Callable[[Any], None], came: object) -> None:
    # Whoever waited may have given up.
    if not done.done():
        settle(came)


def _call(loop: asyncio.AbstractEventLoop, step: Callable[[], object]) -> None:
    # The loop may have ended meanwhile: then nobody is waiting.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(step)


async def resolve(host: str, *, limit_s: float) -> tuple[str, ...]:
    """Return the addresses of a name, the preferred one first. Raises ``Silent``."""
    if is_numeric(host):
        return (host,)
    try:
        rows = await in_thread(
            lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM), limit_s=limit_s
        )
    except TimeoutError as error:
        raise Silent(
            f"No name server answers for {host} within {limit_s:g} s: see to this machine's resolver."
        ) from error
    except (OSError, UnicodeError) as error:
        raise Silent(
            f"The name {host} is not known: enter it in the DNS, or mend its spelling."
        ) from error
    return tuple(dict.fromkeys(str(row[4][0]) for row in rows))


@contextlib.asynccontextmanager
async def connected(
    address: str,
    port: int,
    *,
    limit_s: float,
    tls: ssl.SSLContext | None = None,
    name: str = "",
) -> AsyncIterator[Wire]:
    """Connect, and close at the end. Raises ``OSError`` or ``TimeoutError``; see ``why``."""
    async with asyncio.timeout(limit_s):
        reader, writer = await asyncio.open_connection(
            address, port, ssl=tls, server_hostname=(name or address) if tls else None
        )
    try:
        yield Wire(reader, writer)
    finally:
        # Nothing more is wanted from the other side, not even its farewell.
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def why(error: BaseException, *, limit_s: float) -> str:
    """Return in some words why a connection failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return f"there is no answer within {limit_s:g} s"
    if isinstance(error, ssl.SSLError):
        return f"it does not speak TLS as it should ({error.reason or 'the handshake failed'})"
    if isinstance(error, ConnectionRefusedError):
        return "the connection is refused"
    if isinstance(error, ConnectionError | EOFError):
        return "the connection is cut off"
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be reached ({error.strerror})"
    return "it cannot be reached"


def tls_context(target: Target) -> ssl.SSLContext:
    """Return what certificates are checked by: the machine's authorities and ``ca_file``."""
    context = ssl.create_default_context()
    if target.ca_file:
        context.load_verify_locations(cafile=target.ca_file)
    if target.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def blind_context() -> ssl.SSLContext:
    """Return a context that takes any certificate: to look at it, never to trust it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
