"""Pages arriving: in parts or whole, once, checked before anybody sees them."""

from __future__ import annotations

import zlib
from io import BytesIO

import pytest
from PIL import Image

from bridge.counters.models import DeviceJob
from bridge.counters.rules import JobState
from bridge.documents import arrivals, service
from bridge.documents.arrivals import Part
from bridge.documents.errors import (
    HashMismatch,
    JobNotWanted,
    PageNotVisible,
    PageTooLarge,
    PageUnreadable,
    PartOutOfPlace,
)
from bridge.documents.models import DocumentPage
from bridge.documents.rules import MOST_PAGE_BYTES, PageState
from tests.unit.bridge.archive import (
    OWNER,
    VISIT,
    Archive,
    archive,
    check_all,
    hash_of,
    only_page,
    picture,
    scan_job,
    send,
    send_part,
)

__all__ = ["archive"]


def test_a_page_is_kept_encrypted_and_whole(archive: Archive) -> None:
    """What is on the disk is not the picture; what comes back is, to the byte."""
    content = picture()
    receipt = send(archive, scan_job(archive), content)
    page = only_page(archive)
    sealed = (archive.folder / VISIT / page.id).read_bytes()
    assert receipt.is_new
    assert content[:64] not in sealed
    with archive.database.reading() as db:
        assert archive.store.read(db, visit_id=VISIT, name=page.id) == content
    assert (page.sha256, page.dpi, page.width_px) == (hash_of(content), 300, 2480)
    assert [event.name for event in archive.told] == ["page:stored"]


def test_a_page_sent_twice_is_kept_once(archive: Archive) -> None:
    """An agent that did not hear the answer may send again."""
    content = picture()
    job = scan_job(archive)
    send(archive, job, content)
    again = send(archive, job, content)
    assert (again.is_complete, again.is_new) == (True, False)
    assert only_page(archive).number == 1


def test_a_page_arrives_in_parts(archive: Archive) -> None:
    """The bridge says how much it has, and only the rest is sent."""
    content = picture()
    job_id = scan_job(archive)
    half = len(content) // 2
    whole = {"total": len(content), "sha256": hash_of(content)}
    first = send_part(archive, job_id, Part(content=content[:half], first=0, **whole))
    with archive.database.reading() as db:
        job = arrivals.wanted_job(db, job_id=job_id, counter_id="counter")
        known = arrivals.received(db, archive.store, job, 1)
    rest = send_part(archive, job_id, Part(content=content[half:], first=half, **whole))
    assert (first.is_complete, known.received, rest.is_new) == (False, half, True)
    assert only_page(archive).sha256 == hash_of(content)
    assert archive.store.names(VISIT, "part-") == []


def test_a_part_out_of_place_is_refused(archive: Archive) -> None:
    """A gap is not filled with what comes after it."""
    part = Part(content=b"b" * 10, first=20, total=30, sha256=hash_of(b"b"))
    with pytest.raises(PartOutOfPlace):
        send_part(archive, scan_job(archive), part)


def test_a_wrong_hash_keeps_nothing(archive: Archive) -> None:
    """A page that arrived damaged is dropped, and can be sent again from the start."""
    content = picture()
    job = scan_job(archive)
    damaged = Part(
        content=content[:-1] + b"x", first=0, total=len(content), sha256=hash_of(content)
    )
    with pytest.raises(HashMismatch):
        send_part(archive, job, damaged)
    assert send(archive, job, content).is_new


def test_another_page_under_the_same_number_is_refused(archive: Archive) -> None:
    """A page that arrived is never overwritten."""
    job = scan_job(archive)
    send(archive, job, picture())
    with pytest.raises(HashMismatch):
        send(archive, job, picture(mark=False))


def _png(*, before: bytes = b"", within: bytes = b"") -> bytes:
    """Return a PNG with extra chunks before its picture, and in the middle of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        )

    rows = zlib.compress(b"\x00" + b"\xff" * 10) * 10
    head = chunk(b"IHDR", bytes([0, 0, 0, 10, 0, 0, 0, 10, 8, 0, 0, 0, 0]))
    picture_of = chunk(b"IDAT", rows[:4]) + (chunk(within, rows[4:]) if within else b"")
    extra = chunk(before, b"\x00\x00") if before else b""
    return b"\x89PNG\r\n\x1a\n" + head + extra + picture_of + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture", b"\xff\xd8\xff\xe0" + b"0" * 50, _png(before=b"pHYs")],
)
def test_what_is_no_picture_is_refused(archive: Archive, content: bytes) -> None:
    """The type is decided by the content, not by what the sender says."""
    with pytest.raises(PageUnreadable):
        send(archive, scan_job(archive), content)


def test_a_page_over_the_limit_is_refused(archive: Archive) -> None:
    """The registry exchange takes no file over ten mebibytes, so neither do we."""
    part = Part(content=b"", first=0, total=MOST_PAGE_BYTES + 1, sha256=hash_of(b""))
    with pytest.raises(PageTooLarge):
        send_part(archive, scan_job(archive), part)


def test_a_refused_job_takes_no_pages(archive: Archive) -> None:
    """What the citizen refused does not arrive."""
    job_id = scan_job(archive)
    with archive.database.transaction() as db:
        db.get_one(DeviceJob, job_id).state = JobState.REFUSED
    with pytest.raises(JobNotWanted):
        send(archive, job_id, picture())


def test_a_cancelled_job_keeps_its_finished_pages(archive: Archive) -> None:
    """Stopping a scan loses no page that was finished before."""
    job_id = scan_job(archive)
    with archive.database.transaction() as db:
        db.get_one(DeviceJob, job_id).state = JobState.CANCELLED
    assert send(archive, job_id, picture()).is_new


def test_a_good_page_becomes_visible(archive: Archive) -> None:
    """A page is shown only after the checks looked at it."""
    send(archive, scan_job(archive), picture())
    with archive.database.reading() as db, pytest.raises(PageNotVisible):
        service.page_image(db, archive.store, db.query(DocumentPage).one(), width_px=300)
    check_all(archive)
    with archive.database.reading() as db:
        page = db.query(DocumentPage).one()
        shown = service.page_image(db, archive.store, page, width_px=300)
    assert (page.state, page.problems) == (PageState.VISIBLE, [])
    assert Image.open(BytesIO(shown)).width == 300


@pytest.mark.parametrize(
    ("picture", "state", "problem"),
    [
        (picture(dpi=150), PageState.BARRED, "resolution-too-low"),
        (picture(mark=False), PageState.VISIBLE, "blank-page"),
        (picture(size_mm=(210, 200)), PageState.VISIBLE, "size-mismatch"),
    ],
)
def test_the_law_is_a_check(
    archive: Archive, picture: bytes, state: PageState, problem: str
) -> None:
    """Resolution bars a page; emptiness and size are said to the clerk."""
    send(archive, scan_job(archive), picture)
    check_all(archive)
    page = only_page(archive)
    assert page.state == state
    assert [found["key"] for found in page.problems] == [problem]


def test_a_check_that_fails_bars_the_page(archive: Archive) -> None:
    """A picture that cannot be decoded to its end is not shown as if it were whole."""
    whole = picture()
    send(archive, scan_job(archive), whole[: len(whole) // 3])
    check_all(archive)
    assert only_page(archive).state == PageState.BARRED


def test_a_page_damaged_inside_is_barred(archive: Archive) -> None:
    """A picture that breaks off into rubbish is settled, and does not wait to be checked for ever."""
    send(archive, scan_job(archive), _png(within=b"I\x00AT"))
    check_all(archive)
    assert only_page(archive).state == PageState.BARRED


def test_scanning_again_replaces_the_page(archive: Archive) -> None:
    """The new page stands where the old one stood."""
    first = scan_job(archive)
    send(archive, first, picture())
    send(archive, first, picture(mark=False), number=2)
    check_all(archive)
    with archive.database.reading() as db:
        old, other = db.query(DocumentPage).order_by(DocumentPage.number)
    again = scan_job(archive, replaces=old.id, document=old.document_id)
    send(archive, again, picture())
    check_all(archive)
    with archive.database.reading() as db:
        views = service.views(
            db, ticket_id=OWNER.ticket_id, title=lambda key: {"en": key}, translate=lambda t, f: t
        )
    shown = [page["id"] for page in views[0]["pages"]]  # type: ignore[attr-defined]  # plain JSON
    assert old.id not in shown
    assert shown[-1] == other.id
