"""Pages made of pages: cropped and straightened because the clerk said so, and taken back."""

from __future__ import annotations

import math
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from bridge.audit.models import Entry
from bridge.audit.rules import Actor, Tag
from bridge.core.db import Db, at_end
from bridge.core.errors import NotNow
from bridge.documents import making, service
from bridge.documents.errors import DocumentErased, NotRestorable, OutlineUnfit
from bridge.documents.models import DocumentPage
from bridge.documents.outlines import Outline
from bridge.documents.rules import PageState
from deploy.virtual.pages import card_front
from tests.unit.bridge.archive import (
    NOW,
    OWNER,
    VISIT,
    Archive,
    archive,
    check_all,
    picture,
    scan_job,
    send,
)

__all__ = ["archive"]
CLERK = Actor("person", "p")
CORNER = Outline(left_mm=0, top_mm=0, width_mm=100, height_mm=60)


def _scanned(archive: Archive, content: bytes | None = None, *, number: int = 1) -> str:
    """Have a page scanned and checked; return its id."""
    send(archive, scan_job(archive), content or picture(), number=number)
    check_all(archive)
    return _shown(archive)[-1].id


def _shown(archive: Archive) -> list[DocumentPage]:
    with archive.database.reading() as db:
        pages = db.query(DocumentPage).order_by(DocumentPage.position, DocumentPage.id)
        return [page for page in pages if page.state in service.SHOWN]


def _trim(archive: Archive, page_id: str, outline: Outline = CORNER) -> str:
    """Crop a page; return the id of the one that takes its place."""
    with archive.database.reading() as db:
        made = making.trim(db, archive.store, db.get_one(DocumentPage, page_id), outline)
    with archive.database.transaction() as db:
        making.keep(db, archive.store, made, actor=CLERK, now=NOW)
    check_all(archive)
    return _shown(archive)[-1].id


def _restore(archive: Archive, page_id: str) -> None:
    with archive.database.transaction() as db:
        page = db.get_one(DocumentPage, page_id)
        making.restore(db, archive.store, page, actor=CLERK, now=NOW)


def _content(archive: Archive, page_id: str) -> bytes:
    with archive.database.reading() as db:
        return archive.store.read(db, visit_id=VISIT, name=page_id)


def _png() -> bytes:
    image = Image.effect_noise((1240, 1754), 90)
    out = BytesIO()
    image.save(out, "PNG", dpi=(300, 300))
    return out.getvalue()


def test_a_cropped_page_takes_the_place_of_the_whole_one(archive: Archive) -> None:
    """It has the size that the clerk saw and the same resolution, and is checked as any page is."""
    whole = _scanned(archive)
    part = _trim(archive, whole)
    (page,) = _shown(archive)
    with Image.open(BytesIO(_content(archive, part))) as image:
        assert image.size == (page.width_px, page.height_px) == (1181, 709)
        assert [round(dpi) for dpi in image.info["dpi"]] == [300, 300]
    assert (page.id, page.state, page.problems, page.dpi) == (part, PageState.VISIBLE, [], 300)
    assert page.made == {"how": "trim", "of": [whole]}
    with archive.database.reading() as db:
        entry = db.query(Entry).filter_by(tag=Tag.PAGE_MADE).one()
        before = db.query(Entry).filter_by(tag=Tag.PAGE_STORED).one()
    assert entry.facts["of"] == whole
    assert (entry.facts["width_mm"], entry.facts["angle"]) == (100.0, 0.0)
    assert entry.facts["sha256"] != before.facts["sha256"]


def test_nothing_changes_before_the_clerk_says_so(archive: Archive) -> None:
    """What is proposed is shown beside the page; the page itself stays as it was scanned."""
    out = BytesIO()
    card_front().save(out, "JPEG", quality=85, dpi=(300, 300))
    page_id = _scanned(archive, out.getvalue())
    assert _content(archive, page_id) == out.getvalue()
    with archive.database.transaction() as db:
        page = db.get_one(DocumentPage, page_id)
        service.rotate(db, page, rotation=90, actor=CLERK, now=NOW)
    with archive.database.reading() as db:
        (document,) = service.views(
            db, ticket_id=OWNER.ticket_id, title=lambda key: {"en": key}, translate=lambda t, f: t
        )
    (view,) = document["pages"]  # type: ignore[misc]  # plain JSON
    assert view["made"] is None
    assert (view["outline"]["width_mm"], view["outline"]["height_mm"]) == pytest.approx(
        (53.98, 85.6), abs=0.5
    )


def test_what_is_only_cut_out_keeps_its_points(archive: Archive) -> None:
    """Without straightening, every point is the one that the scanner gave."""
    content = _png()
    part = _trim(
        archive,
        _scanned(archive, content),
        Outline(left_mm=10, top_mm=20, width_mm=50, height_mm=40),
    )
    with Image.open(BytesIO(content)) as whole, Image.open(BytesIO(_content(archive, part))) as cut:
        left, top = round(10 / 25.4 * 300), round(20 / 25.4 * 300)
        assert (
            cut.tobytes() == whole.crop((left, top, left + cut.width, top + cut.height)).tobytes()
        )


def test_a_part_is_of_the_page_as_it_is_shown(archive: Archive) -> None:
    """A page that the clerk has turned is cropped where the clerk sees it."""
    page_id = _scanned(archive)  # its mark is in the upper left corner
    with archive.database.transaction() as db:
        page = db.get_one(DocumentPage, page_id)
        service.rotate(db, page, rotation=90, actor=CLERK, now=NOW)
    part = _trim(archive, page_id, Outline(left_mm=230, top_mm=0, width_mm=67, height_mm=80))
    with Image.open(BytesIO(_content(archive, part))) as image:
        assert image.convert("L").getpixel((400, 500)) < 60  # type: ignore[operator]  # one band
    assert _shown(archive)[0].rotation == 0


def test_a_page_is_taken_back_as_it_was_scanned(archive: Archive) -> None:
    """However often it was cropped, each step is taken back, and what was made is erased."""
    whole = _scanned(archive)
    part = _trim(archive, whole)
    smaller = _trim(archive, part, Outline(left_mm=5, top_mm=5, width_mm=20, height_mm=20))
    _restore(archive, smaller)
    assert [page.id for page in _shown(archive)] == [part]
    _restore(archive, part)
    assert [page.id for page in _shown(archive)] == [whole]
    with pytest.raises(DocumentErased):
        _content(archive, part)
    with pytest.raises(NotRestorable):
        _restore(archive, whole)


def test_a_removed_page_leaves_nothing_of_what_it_was_made_of(archive: Archive) -> None:
    """Removing a cropped page erases the whole one as well."""
    whole = _scanned(archive)
    part = _trim(
        archive, _trim(archive, whole), Outline(left_mm=5, top_mm=5, width_mm=20, height_mm=20)
    )
    with archive.database.transaction() as db:
        page = db.get_one(DocumentPage, part)
        service.remove(db, archive.store, page, actor=CLERK, now=NOW)
        making.forget_originals(db, archive.store, page, actor=CLERK, now=NOW)
    assert archive.store.names(VISIT, "") == []
    assert _shown(archive) == []


def test_replaced_pages_are_forgotten_when_they_are_not_needed(archive: Archive) -> None:
    """Afterwards the page stays, and nothing brings back what was cut off."""
    part = _trim(archive, _scanned(archive))
    with archive.database.transaction() as db:
        page = db.get_one(DocumentPage, part)
        making.forget_replaced(db, archive.store, page.document, actor=CLERK, now=NOW)
    assert archive.store.names(VISIT, "") == [part]
    with pytest.raises(NotRestorable):
        _restore(archive, part)


@pytest.mark.parametrize(
    "change",
    [
        {"width_mm": math.nan},
        {"left_mm": math.inf},
        {"angle": 90.0},
        {"width_mm": 400.0},
        {"width_mm": -5.0},
        {"height_mm": 1.0},
        {"left_mm": 200.0},
        {"top_mm": -100.0},
    ],
)
def test_a_part_that_is_not_on_the_page_is_refused(
    archive: Archive, change: dict[str, float]
) -> None:
    """A part beyond the page, too small, turned too far or without a size changes nothing."""
    whole = _scanned(archive)
    plain = {"left_mm": 10.0, "top_mm": 10.0, "width_mm": 100.0, "height_mm": 60.0}
    with pytest.raises(OutlineUnfit):
        _trim(archive, whole, Outline(**(plain | change)))
    assert [page.id for page in _shown(archive)] == [whole]


def test_a_page_that_is_gone_is_not_cropped(archive: Archive) -> None:
    """Removed between the look and the yes, or cropped twice at once: the second one is told."""
    whole = _scanned(archive)
    with archive.database.reading() as db:
        made = making.trim(db, archive.store, db.get_one(DocumentPage, whole), CORNER)
    _trim(archive, whole)
    with archive.database.transaction() as db, pytest.raises(NotNow):
        making.keep(db, archive.store, made, actor=CLERK, now=NOW)
    assert len(_shown(archive)) == 1


@pytest.mark.parametrize("do", [service.remove, making.restore, making.forget_originals])
def test_a_change_that_is_rolled_back_takes_no_file_away(
    archive: Archive, do: Callable[..., None]
) -> None:
    """What the clerk still sees is still there: files go once it is certain that they may."""
    whole = _scanned(archive)
    part = _trim(archive, whole)

    def fail(_db: Db) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError), archive.database.transaction() as db:  # noqa: PT012 - the commit fails
        at_end(db, fail)
        do(db, archive.store, db.get_one(DocumentPage, part), actor=CLERK, now=NOW)
    assert _content(archive, whole)
    assert _content(archive, part)
    with archive.database.transaction() as db:
        do(db, archive.store, db.get_one(DocumentPage, part), actor=CLERK, now=NOW)
    kept = {path.name for path in (archive.folder / VISIT).iterdir()}
    assert len(kept & {whole, part}) == 1


def test_what_is_restored_stands_where_its_page_was_moved_to(archive: Archive) -> None:
    """A page that was cropped and moved comes back whole in the same place among the others."""
    job = scan_job(archive)
    for number in (1, 2, 3):
        send(archive, job, picture(), number=number)
    check_all(archive)
    first, second, third = (page.id for page in _shown(archive))
    with archive.database.reading() as db:
        made = making.trim(db, archive.store, db.get_one(DocumentPage, first), CORNER)
    with archive.database.transaction() as db:
        making.keep(db, archive.store, made, actor=CLERK, now=NOW)
    check_all(archive)
    part = _shown(archive)[0].id
    with archive.database.transaction() as db:
        service.place(db, db.get_one(DocumentPage, part), at=3, actor=CLERK, now=NOW)
    assert [page.id for page in _shown(archive)] == [second, third, part]
    _restore(archive, part)
    assert [page.id for page in _shown(archive)] == [second, third, first]
