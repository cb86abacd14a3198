"""Speaks HTTP to the bridge: one place that knows addresses, the token and what refusals mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

import requests

from counter_hooks.agent.errors import BridgeRefused, BridgeUnreachable, TokenRevoked

CONNECT_TIMEOUT_S = 5.0
# Between two packets, not for a whole page: slow lines are allowed, dead ones are not.
READ_TIMEOUT_S = 30.0
ANSWER_BYTES = 64 * 1024


class BridgeHttp:
    """A connection of one thread to the bridge at ``base_url``, with or without a token."""

    def __init__(self, base_url: str, *, token: str | None, ca_file: Path | None) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self._session = requests.Session()
        # Neither a netrc file nor proxy variables may decide where tokens and scans go.
        self._session.trust_env = False
        self._session.verify = True if ca_file is None else str(ca_file)
        if token is not None:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def address(self, href: str) -> str:
        """Return ``href`` made absolute. Raises ``BridgeRefused`` when it leaves the bridge."""
        url = urljoin(self.base_url, href)
        ours, theirs = urlsplit(self.base_url), urlsplit(url)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise BridgeRefused("the bridge sent an address that is not its own")
        return url

    def send(
        self,
        method: str,
        href: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: IO[bytes] | None = None,
        json_body: dict[str, str | None] | None = None,
        stream: bool = False,
    ) -> requests.Response:
        """Send a request and return whatever was answered, except 401.

        Raises ``BridgeUnreachable``, and ``TokenRevoked`` for 401.
        """
        try:
            response = self._session.request(
                method,
                self.address(href),
                headers=headers,
                data=body,
                json=json_body,
                stream=stream,
                # The token must not follow a redirection.
                allow_redirects=False,
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
            )
        except requests.RequestException as error:
            raise BridgeUnreachable(
                f"the bridge at {self.base_url} does not answer ({type(error).__name__});"
                " look whether it runs and whether the address is right"
            ) from error
        if response.status_code == 401:
            raise TokenRevoked(self.base_url)
        return response

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


def answer(response: requests.Response) -> dict[str, Any]:
    """Return the JSON object that was answered; empty when it is something else."""
    try:
        content = json.loads(response.content[:ANSWER_BYTES])
    except (ValueError, requests.RequestException):
        return {}
    return content if isinstance(content, dict) else {}


def problem_key(response: requests.Response) -> str:
    """Return the key at the end of a problem's ``type`` (RFC 9457), or ``http-<status>``."""
    kind = answer(response).get("type")
    key = re.search(r"[a-z0-9-]{1,64}$", kind) if isinstance(kind, str) else None
    if key is not None:
        return key.group()
    return f"http-{response.status_code}"
