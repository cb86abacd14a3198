"""The server as its checks see it: bounded requests, and what several of them need, fetched once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx

from jitsi_oac_plugin.doctor.findings import NotChecked, Silent, ToMend
from jitsi_oac_plugin.doctor.javascript import ScriptUnsound, read_config, setting
from jitsi_oac_plugin.doctor.network import connected, resolve, tls_context, why
from jitsi_oac_plugin.doctor.served import ServedPage, read_page
from jitsi_oac_plugin.doctor.target import HTTPS, Target
from jitsi_oac_plugin.rooms import new_room

Value = TypeVar("Value")
MOST_BYTES = 8_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back from a web address; header names are in small letters."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """The media type."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        """Whether this is HTML, whatever was asked for."""
        return self.kind == "text/html" or self.body.lstrip()[:15].lower().startswith(
            (b"<!doctype html", b"<html")
        )

    def text(self) -> str:
        """Return the body as text. Raises ``ToMend``."""
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ToMend(
                f"{self.url} is not UTF-8 (byte {error.start}): save the file it comes from as UTF-8."
            ) from error


class Once(Generic[Value]):
    """Something that is fetched when it is first asked for, and then shared."""

    def __init__(self, fetch: Callable[[], Awaitable[Value]]) -> None:
        self._fetch = fetch
        self._task: asyncio.Future[Value] | None = None

    async def __call__(self) -> Value:
        """Return it; a check that is given up does not take it from the others."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._fetch())
        return await asyncio.shield(self._task)


class Server:
    """One server under examination."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.tls = tls_context(target)
        self.address = Once(self._find_address)
        self.page_answer = Once(self._fetch_page)
        self._names: dict[str, Once[tuple[str, ...]]] = {}
        self._kept: dict[str, Once[Any]] = {}
        limit_s = target.limit_s
        # The client has to give up a handshake itself: cancelled from outside it leaves it open.
        self._http = httpx.AsyncClient(
            verify=self.tls,
            timeout=httpx.Timeout(limit_s, connect=limit_s / 2),
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def once(self, name: str, fetch: Callable[[], Awaitable[Value]]) -> Value:
        """Return what ``fetch`` gives, asked for once under this name."""
        kept: Once[Value] = self._kept.setdefault(name, Once(fetch))
        return await kept()

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return where ``host`` is. Raises ``Silent``."""
        if host == self.target.host and self.target.address:
            return (self.target.address,)
        limit_s = self.target.limit_s
        if host not in self._names:
            self._names[host] = Once(lambda: resolve(host, limit_s=limit_s))
        return await self._names[host]()

    async def _find_address(self) -> str:
        """Return the first address that answers; a check of its own says what is wrong with it."""
        try:
            found = await self.addresses(self.target.host)
        except Silent as error:
            raise NotChecked("the name leads nowhere; see 'address'.") from error
        for address in found:
            try:
                async with connected(address, self.target.port, limit_s=self.target.limit_s / 2):
                    return address
            except (OSError, TimeoutError):
                continue
        raise NotChecked(f"nothing answers at {self.target.domain}; see 'address'.")

    async def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> Answer:
        """Ask ``url``, a path meaning the meeting server; post ``content`` there, if there is any.

        Raises ``Silent``, ``ToMend``.
        """
        full = url if "://" in url else f"{self.target.origin}{url}"
        request = await self._request(full, headers or {}, content)
        limit_s, whole_s = self.target.limit_s, self.target.limit_s * 2
        try:
            async with asyncio.timeout(whole_s):
                return await self._read(full, request)
        except TimeoutError as error:
            raise Silent(
                f"{full} gives no whole answer within {whole_s:g} s: look whether what is behind "
                "it runs and is not overloaded."
            ) from error
        except httpx.HTTPError as error:
            reason = why(_root(error), limit_s=limit_s)
            raise Silent(
                f"{full} gives no answer: {reason}. Look whether it runs there."
            ) from error

    async def _request(
        self, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Request:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
            asked = httpx.URL(url)
        except (ValueError, httpx.InvalidURL) as error:
            raise ToMend(f"{url[:200]} is not a web address: mend its spelling.") from error
        if parts.scheme not in ("http", "https") or not host:
            raise ToMend(f"{url[:200]} is not a web address: it has to begin with https://.")
        if host == self.target.host and (port or HTTPS) == self.target.port:
            address = await self.address()
        else:
            address = (await self.addresses(host))[0]
        return self._http.build_request(
            "GET" if content is None else "POST",
            asked.copy_with(host=address),
            content=content,
            headers={
                "Host": parts.netloc.rpartition("@")[2],
                "Accept": "*/*",
                # What is packed may unpack to anything.
                "Accept-Encoding": "identity",
                **headers,
            },
            extensions={"sni_hostname": host},
        )

    async def _read(self, url: str, request: httpx.Request) -> Answer:
        answer = await self._http.send(request, stream=True)
        body = bytearray()
        try:
            async for part in answer.aiter_raw():
                body += part
                if len(body) > MOST_BYTES:
                    raise ToMend(
                        f"{url} answers more than {MOST_BYTES // 1_000_000} MB: another file "
                        "is served there than belongs there."
                    )
        finally:
            await answer.aclose()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(url=url, status=answer.status_code, headers=headers, body=bytes(body))

    async def _fetch_page(self) -> Answer:
        answer = await self.get(f"/{new_room()}")
        if answer.status != 200:
            raise ToMend(
                f"A room's page answers {answer.status} instead of 200: the web server has to give "
                "Jitsi's index.html for every room."
            )
        if not answer.is_page:
            raise ToMend(f"A room's page is {answer.kind or 'of no type'} instead of text/html.")
        answer.text()
        return answer

    async def page(self) -> ServedPage:
        """Return what a room's page says. Raises ``NotChecked``."""
        return read_page((await self.page_as_answered()).text())

    async def page_as_answered(self) -> Answer:
        """Return a room's page with its headers. Raises ``NotChecked``."""
        try:
            return await self.page_answer()
        except ToMend as error:
            raise NotChecked("a room's page cannot be read; see 'meeting page'.") from error

    async def answers(self) -> None:
        """Go on where pages are served at all, of whatever kind. Raises ``NotChecked``."""
        try:
            await self.page_answer()
        except Silent as error:
            raise NotChecked("no page is answered; see 'meeting page'.") from error
        except ToMend:
            return

    async def settings_script(self) -> str:
        """Return the script that makes the settings: the page's own, else ``config.js``."""
        script = (await self.page()).settings_script
        if script:
            return script
        answer = await self.get("/config.js")
        return "" if answer.status != 200 or answer.is_page else answer.text()

    async def config(self) -> dict[str, Any]:
        """Return the served settings. Raises ``NotChecked``."""
        try:
            return read_config(await self.settings_script())
        except (ScriptUnsound, ToMend) as error:
            raise NotChecked("the settings cannot be read; see 'settings'.") from error

    async def xmpp_domain(self) -> str:
        """Return what the XMPP server calls itself."""
        return await self._named("hosts.domain", self.target.host)

    async def rooms_domain(self) -> str:
        """Return where the rooms are."""
        return await self._named("hosts.muc", f"conference.{await self.xmpp_domain()}")

    async def _named(self, path: str, default: str) -> str:
        try:
            found = setting(await self.config(), path)
        except NotChecked:
            return default
        return found if isinstance(found, str) and found else default


def _root(error: BaseException) -> BaseException:
    if isinstance(error, httpx.TimeoutException):
        return TimeoutError()
    inner: BaseException = error
    while (cause := inner.__cause__ or inner.__context__) is not None:
        inner = cause
        if isinstance(inner, OSError):
            return inner
    return EOFError() if isinstance(error, httpx.RemoteProtocolError) else inner
