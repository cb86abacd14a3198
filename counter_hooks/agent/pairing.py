"""Makes agent and bridge known to each other, and keeps the token that comes of it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from counter_hooks.agent.errors import BridgeRefused, BridgeUnreachable, NotPaired
from counter_hooks.agent.http import BridgeHttp, answer, problem_key

POLL_INTERVAL_S = 2.0
# Codes rotate after minutes; an agent that waits longer than this is forgotten in a corner.
MAXIMUM_POLLS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a paired agent knows: the bridge's address, its counter's key and its token."""

    bridge_url: str
    counter: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A pairing that waits for somebody at the bridge to confirm ``code``."""

    code: str
    claim: str
    expires_at: str


def begin(http: BridgeHttp, *, counter: str | None) -> Pairing:
    """Ask for a code. Raises ``BridgeUnreachable``, ``BridgeRefused``."""
    response = http.send("POST", "api/pairings", json_body={"kind": "agent", "counter": counter})
    told = answer(response)
    if response.status_code != 201:
        raise BridgeRefused(
            f"the bridge at {http.base_url} does not pair: {problem_key(response)};"
            " check that the address is that of a bridge"
        )
    try:
        return Pairing(
            code=str(told["code"]), claim=str(told["claim"]), expires_at=str(told["expires_at"])
        )
    except KeyError as error:
        raise BridgeRefused(f"the bridge's answer lacks {error.args[0]}") from error


def claim(http: BridgeHttp, pairing: Pairing, *, wait: Callable[[float], object]) -> Credentials:
    """Wait until the code is confirmed. Raises ``BridgeRefused`` when it expired."""
    for _ in range(MAXIMUM_POLLS):
        try:
            response = http.send("POST", "api/pairings/claim", json_body={"claim": pairing.claim})
        except BridgeUnreachable:
            # A short fault of the line must not cost the code.
            wait(POLL_INTERVAL_S)
            continue
        if response.status_code == 200:
            told = answer(response)
            counter, token = told.get("counter"), told.get("token")
            if isinstance(counter, str) and isinstance(token, str) and token:
                return Credentials(bridge_url=http.base_url, counter=counter, token=token)
            raise BridgeRefused("the bridge confirmed the code but gave no token")
        if response.status_code != 202 and response.status_code != 429:
            raise BridgeRefused(
                f"the pairing did not come about ({problem_key(response)});"
                " begin again with: oac-agent pair URL"
            )
        wait(POLL_INTERVAL_S)
    raise BridgeRefused("nobody confirmed the code; begin again with: oac-agent pair URL")


def store(path: Path, credentials: Credentials) -> None:
    """Write the token file, readable by its owner alone, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(
            {
                "bridge_url": credentials.bridge_url,
                "counter": credentials.counter,
                "token": credentials.token,
            },
            file,
        )
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def read(path: Path) -> Credentials:
    """Return what ``store`` wrote. Raises ``NotPaired``, also when others may read the file."""
    try:
        mode = path.stat().st_mode
        content = json.loads(path.read_text(encoding="utf-8"))
        credentials = Credentials(
            bridge_url=str(content["bridge_url"]),
            counter=str(content["counter"]),
            token=str(content["token"]),
        )
    except FileNotFoundError as error:
        raise NotPaired(
            "this counter is not paired yet; pair it with: oac-agent pair URL"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotPaired(
            f"the token file {path} cannot be used ({type(error).__name__});"
            " pair the counter again with: oac-agent pair URL"
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise NotPaired(f"the token file {path} is open to others; run: chmod 600 {path}")
    return credentials
