"""Documents kept: encrypted, bound, printed, forgotten."""

from __future__ import annotations

import resource
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest

from bridge.audit.service import verify
from bridge.core.errors import NotNow, Refused
from bridge.counters.models import DeviceJob
from bridge.counters.rules import JobState
from bridge.documents import arrivals, detector, images, prints, service
from bridge.documents.arrivals import Part
from bridge.documents.errors import DocumentErased, HashMismatch, JobNotWanted
from bridge.documents.models import DocumentPage
from bridge.documents.rules import DocumentState, PageState
from tests.unit.bridge.archive import (
    FORM,
    NOW,
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


def test_pages_are_bound_at_true_size(archive: Archive) -> None:
    """The PDF of a scan is A4 when A4 was scanned, turned as the clerk turned it."""
    send(archive, scan_job(archive), picture())
    check_all(archive)
    with archive.database.transaction() as db:
        page = db.query(DocumentPage).one()
        actor = service.Actor("person", "p")
        service.rotate(db, page, rotation=90, actor=actor, now=NOW)
        content = service.content(db, archive.store, page.document, title="t")
    sheet = pypdfium2.PdfDocument(content)[0]
    assert sheet.get_rotation() == 90
    assert sheet.get_width() / 72 * 25.4 == pytest.approx(210, abs=1)


def test_a_form_is_drawn_the_same_each_time(archive: Archive) -> None:
    """A form printed twice is the same paper, so that hashes can be compared."""
    with archive.database.transaction() as db:
        documents = [
            service.make_form(db, archive.store, owner=OWNER, title_key="form", form=FORM, now=NOW)
            for _ in range(2)
        ]
    assert documents[0].sha256 == documents[1].sha256
    assert verify(db) is None


def test_a_print_is_fetched_only_by_its_own_counter(archive: Archive) -> None:
    """The address is a secret, and not enough by itself."""
    with archive.database.transaction() as db:
        document = service.make_form(
            db, archive.store, owner=OWNER, title_key="form", form=FORM, now=NOW
        )
        job = DeviceJob(
            id="print-1",
            counter_id="counter",
            visit_id=VISIT,
            kind="print",
            device_id="fake:1",
            options={},
            document_id=document.id,
            idempotency_key="print",
            state=JobState.QUEUED,
            requested_at=NOW,
            changed_at=NOW,
        )
        db.add(job)
        db.flush()
        source = prints.print_source(db, archive.store, job)
        assert prints.print_source(db, archive.store, job) == source
    assert source is not None
    secret = source.href.rpartition("/")[2]
    with archive.database.reading() as db:
        content = prints.fetch(db, archive.store, secret, counter_id="counter")
        assert hash_of(content) == source.sha256
        with pytest.raises(JobNotWanted):
            prints.fetch(db, archive.store, secret, counter_id="another")
        with pytest.raises(JobNotWanted):
            prints.fetch(db, archive.store, "guess", counter_id="counter")


def test_erasing_a_visit_leaves_nothing_to_read(archive: Archive) -> None:
    """With the key gone, neither the files nor copies of them can be read."""
    send(archive, scan_job(archive), picture())
    page = only_page(archive)
    sealed = (archive.folder / VISIT / page.id).read_bytes()
    with archive.database.transaction() as db:
        service.erase_visit(db, archive.store, VISIT, now=NOW)
    assert not (archive.folder / VISIT).exists()
    (archive.folder / VISIT).mkdir()
    (archive.folder / VISIT / page.id).write_bytes(sealed)
    with archive.database.reading() as db, pytest.raises(DocumentErased):
        archive.store.read(db, visit_id=VISIT, name=page.id)


def test_an_erasure_that_is_rolled_back_takes_nothing_away(archive: Archive) -> None:
    """Files go once it is certain that their key is gone, or when a killed bridge is back."""
    send(archive, scan_job(archive), picture())
    page = only_page(archive)
    with pytest.raises(RuntimeError), archive.database.transaction() as db:  # noqa: PT012 - what is rolled back
        service.erase_visit(db, archive.store, VISIT, now=NOW)
        db.flush()
        raise RuntimeError
    with archive.database.reading() as db:
        assert archive.store.read(db, visit_id=VISIT, name=page.id)
        assert service.erased_since(db, NOW) == []
    with archive.database.transaction() as db:
        service.erase_visit(db, archive.store, VISIT, now=NOW)
    with archive.database.reading() as db:
        assert service.erased_since(db, NOW) == [VISIT]
        assert service.erased_since(db, NOW + timedelta(seconds=1)) == []


def test_parts_stay_until_their_page_is_kept(archive: Archive) -> None:
    """A page whose last part came and was rolled back goes on from there; a wrong one begins anew."""
    job_id, content = scan_job(archive), picture()
    half, total, sha256 = len(content) // 2, len(content), hash_of(content)
    first = Part(content=content[:half], first=0, total=total, sha256=sha256)
    last = Part(content=content[half:], first=half, total=total, sha256=sha256)
    wrong = Part(content=bytes(total - half), first=half, total=total, sha256=sha256)
    send_part(archive, job_id, first)
    with pytest.raises(HashMismatch):
        send_part(archive, job_id, wrong)
    assert kept_files(archive) == []
    send_part(archive, job_id, first)
    with pytest.raises(RuntimeError), archive.database.transaction() as db:  # noqa: PT012 - what is rolled back
        job = arrivals.wanted_job(db, job_id=job_id, counter_id="counter")
        arrivals.receive(db, archive.store, job, 1, part=last, now=NOW)
        raise RuntimeError
    assert len(kept_files(archive)) == 1
    assert send_part(archive, job_id, last).is_new
    assert kept_files(archive) == [only_page(archive).id]


def test_files_cannot_be_exchanged(archive: Archive) -> None:
    """A page put under another page's name is not taken for it."""
    job = scan_job(archive)
    send(archive, job, picture())
    send(archive, job, picture(mark=False), number=2)
    with archive.database.reading() as db:
        one, two = db.query(DocumentPage).order_by(DocumentPage.number)
        folder = archive.folder / VISIT
        (folder / one.id).write_bytes((folder / two.id).read_bytes())
        with pytest.raises(DocumentErased):
            archive.store.read(db, visit_id=VISIT, name=one.id)


def test_documents_of_a_ticket_are_listed_with_their_words(archive: Archive) -> None:
    """A problem is told in a sentence with its figures."""
    send(archive, scan_job(archive), picture(dpi=150))
    check_all(archive)
    with archive.database.reading() as db:
        views = service.views(
            db,
            ticket_id=OWNER.ticket_id,
            title=lambda key: {"en": key},
            translate=lambda text, facts: text % facts,
        )
    assert "150" in str(views)


def _send_three(archive: Archive) -> list[str]:
    """Send an A4, an A5 and another A4 sheet into one document; return their pages' ids."""
    job = scan_job(archive)
    for number, size in enumerate(((210, 297), (148, 210), (210, 297)), start=1):
        send(archive, job, picture(size_mm=size), number=number)
    check_all(archive)
    with archive.database.reading() as db:
        return [page.id for page in db.query(DocumentPage).order_by(DocumentPage.number)]


def _place(archive: Archive, page_id: str, at: int) -> None:
    with archive.database.transaction() as db:
        page = db.get_one(DocumentPage, page_id)
        service.place(db, page, at=at, actor=service.Actor("person", "p"), now=NOW)


def _order(archive: Archive) -> list[str]:
    with archive.database.reading() as db:
        (view,) = service.views(
            db, ticket_id=OWNER.ticket_id, title=lambda key: {"en": key}, translate=lambda t, f: t
        )
    return [page["id"] for page in view["pages"]]  # type: ignore[attr-defined]  # plain JSON


def test_pages_are_put_in_order(archive: Archive) -> None:
    """A page takes the place it is given, the others close up, and a later one comes last."""
    one, two, three = _send_three(archive)
    _place(archive, three, 1)
    assert _order(archive) == [three, one, two]
    _place(archive, three, 3)
    _place(archive, one, 2)
    assert _order(archive) == [two, one, three]
    with archive.database.reading() as db:
        document = db.get_one(DocumentPage, one).document_id
    send(archive, scan_job(archive, document=document), picture())
    assert _order(archive)[:3] == [two, one, three]


def test_bound_pages_keep_order_size_and_points(archive: Archive) -> None:
    """The PDF has the pages as they were ordered, each at its own true size with every point."""
    _one, two, _three = _send_three(archive)
    _place(archive, two, 1)
    with archive.database.reading() as db:
        page = db.get_one(DocumentPage, two)
        content = service.content(db, archive.store, page.document, title="t")
    pdf = pypdfium2.PdfDocument(content)
    widths = [round(sheet.get_width() / 72 * 25.4) for sheet in pdf]
    (image,) = pdf[0].get_objects()
    assert widths == [148, 210, 210]
    assert image.get_px_size() == (page.width_px, page.height_px)


@pytest.mark.parametrize("at", [0, 4, -1])
def test_a_page_has_no_place_that_is_not_there(archive: Archive, at: int) -> None:
    """A place before the first page or behind the last is refused, and nothing has moved."""
    pages = _send_three(archive)
    with pytest.raises(Refused):
        _place(archive, pages[0], at)
    assert _order(archive) == pages


def test_a_removed_page_has_no_place(archive: Archive) -> None:
    """What is gone is not put anywhere."""
    pages = _send_three(archive)
    with archive.database.transaction() as db:
        page = db.get_one(DocumentPage, pages[1])
        service.remove(db, archive.store, page, actor=service.Actor("person", "p"), now=NOW)
    with pytest.raises(NotNow):
        _place(archive, pages[1], 1)
    _place(archive, pages[2], 1)
    assert _order(archive) == [pages[2], pages[0]]


def kept_files(archive: Archive) -> list[str]:
    """Return the names of all files, finished or not."""
    return sorted(path.name for path in archive.folder.glob("*/*"))


def test_a_page_that_is_not_kept_leaves_no_file(archive: Archive) -> None:
    """When the transaction of a page is rolled back its file goes too, and the next try keeps it."""
    job_id, content = scan_job(archive), picture()
    part = Part(content=content, first=0, total=len(content), sha256=hash_of(content))
    with pytest.raises(RuntimeError), archive.database.transaction() as db:  # noqa: PT012 - what is rolled back
        job = arrivals.wanted_job(db, job_id=job_id, counter_id="counter")
        assert arrivals.receive(db, archive.store, job, 1, part=part, now=NOW).is_complete
        assert len(kept_files(archive)) == 1
        raise RuntimeError
    assert kept_files(archive) == []
    assert send(archive, job_id, content).is_new
    assert kept_files(archive) == [only_page(archive).id]


def test_a_full_disk_is_not_filled_with_beginnings(archive: Archive) -> None:
    """A file that finds no room leaves nothing behind, however often it is tried."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for _ in range(3):
        with archive.database.transaction() as db:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
            try:
                with pytest.raises(OSError, match="large"):
                    archive.store.write(
                        db, visit_id=VISIT, name="page", content=bytes(5000), now=NOW
                    )
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert kept_files(archive) == []


def test_what_a_killed_bridge_left_half_written_is_taken_away(archive: Archive) -> None:
    """Beginnings of files go after a while; finished ones stay, and one that goes meanwhile is fine."""
    send(archive, scan_job(archive), picture())
    (archive.folder / VISIT / ".page.0123abcd").write_bytes(b"half")
    gone = archive.folder / VISIT / ".page.89abcdef"
    gone.symlink_to("finished")
    long_ago, soon = NOW - timedelta(days=9999), datetime.now(UTC) + timedelta(hours=1)
    assert archive.store.forget_unfinished(before=long_ago) == 0
    assert archive.store.forget_unfinished(before=soon) == 1
    gone.unlink()
    assert kept_files(archive) == [only_page(archive).id]


def test_a_page_that_nobody_looked_at_is_found_again(archive: Archive) -> None:
    """A bridge that was killed between the checks and the look for the paper looks later."""
    send(archive, scan_job(archive), picture())
    check_all(archive)
    with archive.database.transaction() as db:
        page = db.query(DocumentPage).one()
        found, page.outline = page.outline, None
    check_all(archive)
    assert found
    assert only_page(archive).outline == found


def test_a_look_that_fails_is_not_repeated(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong while the paper is looked for, the page can be worked with."""
    looks = []

    def fails(_content: bytes, *, dpi: int) -> None:
        looks.append(dpi)
        raise ZeroDivisionError

    monkeypatch.setattr(detector, "propose", fails)
    send(archive, scan_job(archive), picture())
    check_all(archive)
    check_all(archive)
    assert (looks, only_page(archive).outline) == ([300], {})
    assert "cannot be looked at" in caplog.text


def test_what_was_erased_stays_so(archive: Archive) -> None:
    """A page that was never checked before its visit was erased does not bring its document back."""
    send(archive, scan_job(archive), picture())
    with archive.database.transaction() as db:
        service.erase_visit(db, archive.store, VISIT, now=NOW)
    check_all(archive)
    with archive.database.reading() as db:
        page = db.query(DocumentPage).one()
        assert (page.state, page.document.state) == (PageState.BARRED, DocumentState.ERASED)


def test_who_waits_to_decode_holds_no_connection(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages are decoded one after the other, and those that wait keep the database free."""
    held = []
    ink, engine = images.ink, archive.database.engine

    def noted(content: bytes) -> float:
        held.append(engine.pool.status())
        return ink(content)

    monkeypatch.setattr(images, "ink", noted)
    send(archive, scan_job(archive), picture())
    check_all(archive)
    assert len(held) == 1
    assert "Current Checked out connections: 0" in held[0]
