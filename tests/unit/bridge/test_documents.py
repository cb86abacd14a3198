"""Documents: kept encrypted, arriving in parts or whole, checked before anybody sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from bridge.audit.service import verify
from bridge.core.db import Base, Database
from bridge.core.events import Event, Events
from bridge.counters.models import Counter, DeviceJob
from bridge.counters.rules import JobState
from bridge.documents import arrivals, prints, service
from bridge.documents.arrivals import Part
from bridge.documents.checks import PageChecks
from bridge.documents.errors import (
    DocumentErased,
    HashMismatch,
    JobNotWanted,
    PageNotVisible,
    PageTooLarge,
    PageUnreadable,
    PartOutOfPlace,
)
from bridge.documents.models import DocumentPage
from bridge.documents.papers import Field, FormText
from bridge.documents.rules import MOST_PAGE_BYTES, PageState
from bridge.documents.store import DocumentStore
from bridge.offices.models import Office
from counter_hooks import PageView, Problem
from counter_hooks.registry import BridgeRegistry

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
VISIT = "visit-1"
OWNER = service.Owner(visit_id=VISIT, ticket_id="ticket-1")
FORM = FormText(
    office="Oficina Única",
    title="Sol·licitud d'empadronament",
    reference="A012",
    fields=(Field(label="Nom i cognoms"), Field(label="Adreça", lines=2)),
    declaration="Declare que les dades són certes.",
    place_and_date="Lloc i data",
    signature="Firma",
)


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A database with one counter, a store, and what was told after commits."""

    database: Database
    store: DocumentStore
    folder: Path
    told: list[Event]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Make an empty archive."""
    events, told = Events(), list[Event]()
    for name in ("page:stored", "page:changed"):
        events.on(name, told.append)
    database = Database(f"sqlite:///{tmp_path / 'bridge.sqlite'}", events)
    Base.metadata.create_all(database.engine)
    with database.transaction() as db:
        db.add(Office(id="office", key="office", name="Oficina Única"))
        db.flush()
        db.add(Counter(id="counter", office_id="office", key="counter-1", name="Counter 1"))
    folder = tmp_path / "documents"
    yield Archive(
        database=database, store=DocumentStore(folder, bytes(32)), folder=folder, told=told
    )
    database.engine.dispose()


def _picture(
    *, dpi: int = 300, mark: bool = True, size_mm: tuple[float, float] = (210, 297)
) -> bytes:
    image = Image.new(
        "RGB", (round(size_mm[0] / 25.4 * dpi), round(size_mm[1] / 25.4 * dpi)), "white"
    )
    if mark:
        ImageDraw.Draw(image).rectangle((100, 100, 900, 600), fill="black")
    out = BytesIO()
    image.save(out, "JPEG", quality=85, dpi=(dpi, dpi))
    return out.getvalue()


def _scan_job(archive: Archive, *, replaces: str | None = None, document: str | None = None) -> str:
    with archive.database.transaction() as db:
        number = db.query(DeviceJob).count() + 1
        if document is None:
            document = service.begin_scan(db, owner=OWNER, title_key="scan", now=NOW).id
        job = DeviceJob(
            id=f"job-{number}",
            counter_id="counter",
            visit_id=VISIT,
            kind="scan",
            device_id="fake:1",
            options={"resolution_dpi": 300, "width_mm": 210.0, "height_mm": 297.0},
            document_id=document,
            replaces_page_id=replaces,
            idempotency_key=f"key-{number}",
            state=JobState.RUNNING,
            requested_at=NOW,
            changed_at=NOW,
        )
        db.add(job)
        return job.id


def _send(archive: Archive, job_id: str, content: bytes, *, number: int = 1) -> arrivals.Receipt:
    part = Part(content=content, first=0, total=len(content), sha256=_hash(content))
    return _send_part(archive, job_id, part, number=number)


def _send_part(archive: Archive, job_id: str, part: Part, *, number: int = 1) -> arrivals.Receipt:
    with archive.database.transaction() as db:
        job = arrivals.wanted_job(db, job_id=job_id, counter_id="counter")
        return arrivals.receive(db, archive.store, job, number, part=part, now=NOW)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _only_page(archive: Archive) -> DocumentPage:
    with archive.database.reading() as db:
        return db.query(DocumentPage).one()


def _check_all(
    archive: Archive, check: Callable[[PageView, Path], tuple[Problem, ...]] | None = None
) -> None:
    chosen = check or BridgeRegistry(names=["basics"]).check_page
    checks = PageChecks(archive.database, archive.store, chosen, lambda: NOW)
    checks.sweep()
    checks.stop()


def test_a_page_is_kept_encrypted_and_whole(archive: Archive) -> None:
    """What is on the disk is not the picture; what comes back is, to the byte."""
    content = _picture()
    receipt = _send(archive, _scan_job(archive), content)
    page = _only_page(archive)
    sealed = (archive.folder / VISIT / page.id).read_bytes()
    assert receipt.is_new
    assert content[:64] not in sealed
    with archive.database.reading() as db:
        assert archive.store.read(db, visit_id=VISIT, name=page.id) == content
    assert (page.sha256, page.dpi, page.width_px) == (_hash(content), 300, 2480)
    assert [event.name for event in archive.told] == ["page:stored"]


def test_a_page_sent_twice_is_kept_once(archive: Archive) -> None:
    """An agent that did not hear the answer may send again."""
    content = _picture()
    job = _scan_job(archive)
    _send(archive, job, content)
    again = _send(archive, job, content)
    assert (again.is_complete, again.is_new) == (True, False)
    assert _only_page(archive).number == 1


def test_a_page_arrives_in_parts(archive: Archive) -> None:
    """The bridge says how much it has, and only the rest is sent."""
    content = _picture()
    job_id = _scan_job(archive)
    half = len(content) // 2
    whole = {"total": len(content), "sha256": _hash(content)}
    first = _send_part(archive, job_id, Part(content=content[:half], first=0, **whole))
    with archive.database.reading() as db:
        job = arrivals.wanted_job(db, job_id=job_id, counter_id="counter")
        known = arrivals.received(db, archive.store, job, 1)
    rest = _send_part(archive, job_id, Part(content=content[half:], first=half, **whole))
    assert (first.is_complete, known.received, rest.is_new) == (False, half, True)
    assert _only_page(archive).sha256 == _hash(content)
    assert archive.store.names(VISIT, "part-") == []


def test_a_part_out_of_place_is_refused(archive: Archive) -> None:
    """A gap is not filled with what comes after it."""
    part = Part(content=b"b" * 10, first=20, total=30, sha256=_hash(b"b"))
    with pytest.raises(PartOutOfPlace):
        _send_part(archive, _scan_job(archive), part)


def test_a_wrong_hash_keeps_nothing(archive: Archive) -> None:
    """A page that arrived damaged is dropped, and can be sent again from the start."""
    content = _picture()
    job = _scan_job(archive)
    damaged = Part(content=content[:-1] + b"x", first=0, total=len(content), sha256=_hash(content))
    with pytest.raises(HashMismatch):
        _send_part(archive, job, damaged)
    assert _send(archive, job, content).is_new


def test_another_page_under_the_same_number_is_refused(archive: Archive) -> None:
    """A page that arrived is never overwritten."""
    job = _scan_job(archive)
    _send(archive, job, _picture())
    with pytest.raises(HashMismatch):
        _send(archive, job, _picture(mark=False))


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\xff\xd8\xff\xe0" + b"0" * 50])
def test_what_is_no_picture_is_refused(archive: Archive, content: bytes) -> None:
    """The type is decided by the content, not by what the sender says."""
    with pytest.raises(PageUnreadable):
        _send(archive, _scan_job(archive), content)


def test_a_page_over_the_limit_is_refused(archive: Archive) -> None:
    """The registry exchange takes no file over ten mebibytes, so neither do we."""
    part = Part(content=b"", first=0, total=MOST_PAGE_BYTES + 1, sha256=_hash(b""))
    with pytest.raises(PageTooLarge):
        _send_part(archive, _scan_job(archive), part)


def test_a_refused_job_takes_no_pages(archive: Archive) -> None:
    """What the citizen refused does not arrive."""
    job_id = _scan_job(archive)
    with archive.database.transaction() as db:
        db.get_one(DeviceJob, job_id).state = JobState.REFUSED
    with pytest.raises(JobNotWanted):
        _send(archive, job_id, _picture())


def test_a_cancelled_job_keeps_its_finished_pages(archive: Archive) -> None:
    """Stopping a scan loses no page that was finished before."""
    job_id = _scan_job(archive)
    with archive.database.transaction() as db:
        db.get_one(DeviceJob, job_id).state = JobState.CANCELLED
    assert _send(archive, job_id, _picture()).is_new


def test_a_good_page_becomes_visible(archive: Archive) -> None:
    """A page is shown only after the checks looked at it."""
    _send(archive, _scan_job(archive), _picture())
    with archive.database.reading() as db, pytest.raises(PageNotVisible):
        service.page_image(db, archive.store, db.query(DocumentPage).one(), width_px=300)
    _check_all(archive)
    with archive.database.reading() as db:
        page = db.query(DocumentPage).one()
        shown = service.page_image(db, archive.store, page, width_px=300)
    assert (page.state, page.problems) == (PageState.VISIBLE, [])
    assert Image.open(BytesIO(shown)).width == 300


@pytest.mark.parametrize(
    ("picture", "state", "problem"),
    [
        (_picture(dpi=150), PageState.BARRED, "resolution-too-low"),
        (_picture(mark=False), PageState.VISIBLE, "blank-page"),
        (_picture(size_mm=(210, 200)), PageState.VISIBLE, "size-mismatch"),
    ],
)
def test_the_law_is_a_check(
    archive: Archive, picture: bytes, state: PageState, problem: str
) -> None:
    """Resolution bars a page; emptiness and size are said to the clerk."""
    _send(archive, _scan_job(archive), picture)
    _check_all(archive)
    page = _only_page(archive)
    assert page.state == state
    assert [found["key"] for found in page.problems] == [problem]


def test_a_check_that_fails_bars_the_page(archive: Archive) -> None:
    """A picture that cannot be decoded to its end is not shown as if it were whole."""
    whole = _picture()
    _send(archive, _scan_job(archive), whole[: len(whole) // 3])
    _check_all(archive)
    assert _only_page(archive).state == PageState.BARRED


def test_scanning_again_replaces_the_page(archive: Archive) -> None:
    """The new page stands where the old one stood."""
    first = _scan_job(archive)
    _send(archive, first, _picture())
    _send(archive, first, _picture(mark=False), number=2)
    _check_all(archive)
    with archive.database.reading() as db:
        old, other = db.query(DocumentPage).order_by(DocumentPage.number)
    again = _scan_job(archive, replaces=old.id, document=old.document_id)
    _send(archive, again, _picture())
    _check_all(archive)
    with archive.database.reading() as db:
        views = service.views(
            db, ticket_id=OWNER.ticket_id, title=lambda key: {"en": key}, translate=lambda t, f: t
        )
    shown = [page["id"] for page in views[0]["pages"]]  # type: ignore[attr-defined]  # plain JSON
    assert old.id not in shown
    assert shown[-1] == other.id


def test_pages_are_bound_at_true_size(archive: Archive) -> None:
    """The PDF of a scan is A4 when A4 was scanned, turned as the clerk turned it."""
    _send(archive, _scan_job(archive), _picture())
    _check_all(archive)
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
        assert _hash(content) == source.sha256
        with pytest.raises(JobNotWanted):
            prints.fetch(db, archive.store, secret, counter_id="another")
        with pytest.raises(JobNotWanted):
            prints.fetch(db, archive.store, "guess", counter_id="counter")


def test_erasing_a_visit_leaves_nothing_to_read(archive: Archive) -> None:
    """With the key gone, neither the files nor copies of them can be read."""
    _send(archive, _scan_job(archive), _picture())
    page = _only_page(archive)
    sealed = (archive.folder / VISIT / page.id).read_bytes()
    with archive.database.transaction() as db:
        service.erase_visits(db, archive.store, [VISIT], now=NOW)
    assert not (archive.folder / VISIT).exists()
    (archive.folder / VISIT).mkdir()
    (archive.folder / VISIT / page.id).write_bytes(sealed)
    with archive.database.reading() as db, pytest.raises(DocumentErased):
        archive.store.read(db, visit_id=VISIT, name=page.id)


def test_files_cannot_be_exchanged(archive: Archive) -> None:
    """A page put under another page's name is not taken for it."""
    job = _scan_job(archive)
    _send(archive, job, _picture())
    _send(archive, job, _picture(mark=False), number=2)
    with archive.database.reading() as db:
        one, two = db.query(DocumentPage).order_by(DocumentPage.number)
        folder = archive.folder / VISIT
        (folder / one.id).write_bytes((folder / two.id).read_bytes())
        with pytest.raises(DocumentErased):
            archive.store.read(db, visit_id=VISIT, name=one.id)


def test_documents_of_a_ticket_are_listed_with_their_words(archive: Archive) -> None:
    """A problem is told in a sentence with its figures."""
    _send(archive, _scan_job(archive), _picture(dpi=150))
    _check_all(archive)
    with archive.database.reading() as db:
        views = service.views(
            db,
            ticket_id=OWNER.ticket_id,
            title=lambda key: {"en": key},
            translate=lambda text, facts: text % facts,
        )
    assert "150" in str(views)
