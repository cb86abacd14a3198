"""Pages from an agent that is broken, confused or somebody else: nothing of them is kept."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
import zlib
from collections.abc import Iterator

import pytest
import requests
from PIL import Image

from deploy.stage.town import Town
from tests.integration.visit.house import complaints, log_length, other_token
from tests.integration.visit.people import Citizen, Clerk

pytestmark = [pytest.mark.sane, pytest.mark.cups]

MIB = 1024 * 1024


def jpeg(shade: str = "white") -> bytes:
    """Return a picture that may be kept."""
    file = io.BytesIO()
    picture = Image.effect_noise((1240, 1754), 60).convert("RGB")
    picture.paste(shade, (100, 100, 400, 400))
    picture.save(file, "JPEG", dpi=(300, 300))
    return file.getvalue()


def huge_png() -> bytes:
    """Return a small file that says it is a picture of 100 000 by 100 000."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    check = struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(head)) + chunk + check + b"\0" * 100


def digest(content: bytes) -> str:
    """Return the header that says what a page's hash is (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


class Sender:
    """Whoever sends pages of one job."""

    def __init__(self, town: Town, job: str, token: str | None) -> None:
        self.town, self.job = town, job
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def sends(self, content: bytes, *, number: object = 1, **headers: str) -> requests.Response:
        """Put a page; ``headers`` are added, ``repr_digest=""`` leaves the usual one out."""
        said = {"Repr-Digest": digest(content)}
        said |= {name.replace("_", "-").title(): text for name, text in headers.items()}
        kept = {name: text for name, text in said.items() if text}
        path = f"/api/agent/jobs/{self.job}/pages/{number}"
        return requests.put(
            self.town.url + path, data=content, headers=self.headers | kept, timeout=60
        )

    def received(self) -> dict[str, object]:
        """Ask how much of the first page is there."""
        path = f"/api/agent/jobs/{self.job}/pages/1"
        answer = requests.get(self.town.url + path, headers=self.headers, timeout=60)
        plain: dict[str, object] = answer.json()
        return plain


@pytest.fixture
def token(town: Town) -> Iterator[str]:
    """Take the agent's place: it is dead, and its token is ours."""
    known = json.loads((town.folder / "agent" / "token.json").read_text())
    town.agent.kill()
    yield str(known["token"])
    town.restart_agent()


@pytest.fixture
def sender(town: Town, visit: str, citizen: Citizen, clerk: Clerk, token: str) -> Iterator[Sender]:
    """Give the agent of a visit in which a scan is wanted."""
    assert visit
    job = clerk.scans()
    citizen.allows()
    yield Sender(town, job, token)
    clerk.cancels(job)  # before the real agent comes back and does it


def is_refused(answer: requests.Response, status: int, key: str) -> None:
    """Assert that the answer is this problem."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    assert (answer.status_code, answer.json()["key"]) == (status, key)


def is_good_afterwards(town: Town, clerk: Clerk, sender: Sender) -> None:
    """Assert that nothing was kept, and that the right page is taken, once, and shown."""
    assert sender.received() == {"received": 0, "complete": False}
    assert [page for page in town.records.pages() if page.job_id == sender.job] == []
    content = jpeg()
    assert sender.sends(content).status_code == 201
    assert sender.sends(content).status_code == 200
    [page] = clerk.sees_pages(1)
    assert page["sha256"] == hashlib.sha256(content).hexdigest()
    is_refused(sender.sends(jpeg("black")), 409, "hash-mismatch")
    assert [one["sha256"] for one in clerk.sees_pages(1)] == [page["sha256"]]


def test_what_is_not_what_it_says(town: Town, clerk: Clerk, sender: Sender) -> None:
    """A wrong hash, a missing one and absurd ranges are refused; the good page comes in after."""
    begun = log_length(town)
    page = jpeg()
    is_refused(sender.sends(page, repr_digest=digest(b"other")), 409, "hash-mismatch")
    for said in ("", "sha-256=abc", "md5=:AAAA:", f"sha-256=:{'=' * 44}:"):
        is_refused(sender.sends(page, repr_digest=said), 400, "upload-unsound")
    for said in ("bytes 5-2/10", "bytes 0-10/10", "items 0-1/2", "bytes 0-1/99999999999999999"):
        is_refused(sender.sends(page, content_range=said), 400, "upload-unsound")
    is_refused(sender.sends(page, content_range="bytes 0-0/1"), 409, "hash-mismatch")
    is_refused(sender.sends(page, content_range="bytes 50-99/9000000"), 409, "part-out-of-place")
    is_good_afterwards(town, clerk, sender)
    assert complaints(town, begun) == []


def test_what_is_too_large(town: Town, clerk: Clerk, sender: Sender) -> None:
    """A page over the registry's limit is refused, said or sent, and so is page 101."""
    page = jpeg()
    is_refused(sender.sends(page, content_range="bytes 0-9/11000000"), 413, "page-too-large")
    is_refused(sender.sends(b"x" * (10 * MIB + 1)), 413, "page-too-large")
    for number in (0, 101):
        is_refused(sender.sends(page, number=number), 413, "page-too-large")
    for number in (-1, "one", 10**30):
        assert 400 <= sender.sends(page, number=number).status_code < 500
    is_good_afterwards(town, clerk, sender)


def test_what_is_no_picture(town: Town, clerk: Clerk, sender: Sender) -> None:
    """Text, half a picture, a PDF and a picture without end are no pages."""
    gif = io.BytesIO()
    Image.new("RGB", (10, 10)).save(gif, "GIF")
    page = jpeg()
    for content in (b"hello", b"%PDF-1.4\n", gif.getvalue(), huge_png(), page[:200], b""):
        is_refused(sender.sends(content), 415, "page-unreadable")
    is_good_afterwards(town, clerk, sender)


def test_a_page_in_parts(town: Town, clerk: Clerk, sender: Sender) -> None:
    """A page may come in parts; a broken last one drops them all, and it begins again."""
    page = jpeg()
    half, total = len(page) // 2, len(page)
    first = {"content_range": f"bytes 0-{half - 1}/{total}", "repr_digest": digest(page)}
    rest = {"content_range": f"bytes {half}-{total - 1}/{total}", "repr_digest": digest(page)}
    assert sender.sends(page[:half], **first).status_code == 202
    assert sender.received() == {"received": half, "complete": False}
    broken = sender.sends(b"x" * (total - half), **rest)
    is_refused(broken, 409, "hash-mismatch")
    assert sender.received() == {"received": 0, "complete": False}
    assert sender.sends(page[:half], **first).status_code == 202
    assert sender.sends(page[half:], **rest).status_code == 201
    assert clerk.sees_pages(1)[0]["sha256"] == hashlib.sha256(page).hexdigest()


def test_whoever_is_not_the_agent(
    town: Town, citizen: Citizen, clerk: Clerk, sender: Sender
) -> None:
    """No token, a wrong one, a kiosk's cookie, a clerk's, another counter's agent: no page."""
    page = jpeg()
    is_refused(Sender(town, sender.job, None).sends(page), 401, "not-paired")
    is_refused(Sender(town, sender.job, "wrong").sends(page), 401, "not-paired")
    path = f"/api/agent/jobs/{sender.job}/pages/1"
    for screen in (citizen, clerk):
        said = {"Repr-Digest": digest(page)}
        is_refused(screen.ask("PUT", path, data=page, headers=said), 401, "not-paired")
    other = Sender(town, sender.job, other_token(town))
    is_refused(other.sends(page), 404, "not-found")
    assert other.received()["key"] == "not-found"
    is_good_afterwards(town, clerk, sender)


def test_what_nobody_wants_any_more(
    town: Town, visit: str, citizen: Citizen, clerk: Clerk, token: str
) -> None:
    """Pages of a job that the citizen refused, or that there never was, are not taken."""
    assert visit
    job = clerk.scans()
    citizen.allows(allow=False)
    is_refused(Sender(town, job, token).sends(jpeg()), 410, "job-not-wanted")
    is_refused(Sender(town, "no-such-job", token).sends(jpeg()), 404, "not-found")
