"""The counter's Chromium: its policies, and what a new start leaves of the last one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, sync_playwright

from tests.support import leave_out, require

COUNTER = Path(__file__).resolve().parents[2] / "deploy/counter"
ETC = Path("/etc/chromium")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--use-fake-device-for-media-stream",
)
ASK = """async () => {
    try {
        const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
        return stream.getTracks().map((track) => track.kind).sort().join();
    } catch (error) { return error.name; }
}"""
START_MS = 60_000


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with a page that may frame another."""
        inner = self.path.partition("?frame=")[2]
        frame = f'<iframe allow="camera; microphone" src="{inner}"></iframe>' if inner else ""
        body = f"<!doctype html><title>page</title>{frame}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def origins() -> Iterator[list[str]]:
    """Serve pages at three origins: kiosk, meeting, and somebody else's."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _Page) for _ in range(3)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{server.server_address[1]}" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


@contextmanager
def _chromium(folder: Path, policy: dict[str, object]) -> Iterator[BrowserContext]:
    """Start Chromium under ``policy``, which nobody else on this machine sees."""
    require("browser", "chromium")
    require("unshare", "unshare")
    etc = folder / "etc"
    if not etc.exists():
        shutil.copytree(ETC, etc)
    managed = etc / "policies/managed"
    managed.mkdir(parents=True, exist_ok=True)
    (managed / "oac-kiosk.json").write_text(json.dumps(policy))
    program = folder / "chromium"
    real = shutil.which("chromium")
    own = f"mount --bind '{etc}' {ETC} && exec '{real}' \"$@\""
    program.write_text(
        f"#!/bin/sh\nexec unshare --mount {_as_root()} sh -c '{_quoted(own)}' sh \"$@\"\n"
    )
    program.chmod(0o755)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(folder / "profile"),
            executable_path=str(program),
            args=list(FLAGS),
            ignore_default_args=["--headless", "--use-fake-ui-for-media-stream"],
            timeout=START_MS,
        )
        context.set_default_timeout(START_MS)
        yield context
        context.close()


def _as_root() -> str:
    return "" if os.geteuid() == 0 else "--map-root-user"


def _quoted(text: str) -> str:
    return text.replace("'", "'\\''")


def _policy(bridge: str, meet: str) -> dict[str, object]:
    text = (COUNTER / "policy.json").read_text().replace("@BRIDGE@", bridge)
    made: dict[str, object] = json.loads(text.replace("@MEET@", meet))
    # With it nobody could drive the browser, us included.
    assert made.pop("DeveloperToolsAvailability") == 2
    return made


def _can_have_namespaces() -> bool:
    command = ["unshare", "--mount", *_as_root().split(), "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture(autouse=True)
def _namespaces() -> None:
    if shutil.which("unshare") and not _can_have_namespaces():
        leave_out("browser", "this system gives no mount namespace")


def _page(context: BrowserContext) -> Page:
    return context.pages[0] if context.pages else context.new_page()


@pytest.mark.browser
def test_the_kiosk_has_camera_and_microphone_unasked(tmp_path: Path, origins: list[str]) -> None:
    """The kiosk's page and a meeting framed in it get both; no other address opens at all."""
    bridge, meet, other = origins
    with _chromium(tmp_path, _policy(bridge, meet)) as context:
        page = _page(context)
        page.goto(f"{bridge}/?frame={meet}/")
        assert page.evaluate(ASK) == "audio,video"
        framed = next(one for one in page.frames if one.url.startswith(meet))
        assert framed.evaluate(ASK) == "audio,video"
        with pytest.raises(Error, match="ERR_BLOCKED_BY_ADMINISTRATOR"):
            page.goto(other)
        with pytest.raises(Error, match="ERR_BLOCKED_BY_ADMINISTRATOR"):
            page.goto("file:///etc/hostname")


@pytest.mark.browser
def test_another_page_has_neither(tmp_path: Path, origins: list[str]) -> None:
    """Even if it could be opened, a foreign origin is refused without a question."""
    bridge, meet, other = origins
    policy = _policy(bridge, meet)
    del policy["URLBlocklist"]
    with _chromium(tmp_path, policy) as context:
        page = _page(context)
        page.goto(other)
        assert page.evaluate(ASK) == "NotAllowedError"


@pytest.mark.browser
def test_a_new_start_keeps_the_pairing_and_nothing_else(tmp_path: Path, origins: list[str]) -> None:
    """The cookie of the pairing comes back; what pages stored is gone."""
    bridge, meet, _ = origins
    remembered = "() => [document.cookie, localStorage.getItem('name')]"
    for expected in ([""], ["oac=paired"]):
        _wiped(tmp_path / "profile", bridge)
        with _chromium(tmp_path, _policy(bridge, meet)) as context:
            page = _page(context)
            page.goto(bridge)
            assert page.evaluate(remembered) == [*expected, None]
            page.evaluate(
                "() => { document.cookie = 'oac=paired; max-age=9999';"
                " localStorage.setItem('name', 'Empar'); }"
            )
            # Chromium writes cookies when it likes, and at its end.
            assert page.evaluate(remembered) == ["oac=paired", "Empar"]


def _wiped(profile: Path, url: str) -> None:
    """Run the script that starts the browser, with nothing for a browser."""
    environment = {
        **os.environ,
        "OAC_KIOSK_URL": url,
        "OAC_KIOSK_PROFILE": str(profile),
        "OAC_KIOSK_BROWSER": "true",
    }
    subprocess.run(["sh", str(COUNTER / "kiosk-browser")], env=environment, check=True)
