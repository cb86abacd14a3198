"""Pages: rows in, whole JPEG files with resolution and digest out, and strips on the way."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from counter_hooks import JobCancelled, Page, ResultUnsound
from counter_hooks.agent import encoder
from counter_hooks.agent.errors import EncoderMissing, PageUnkept
from counter_hooks.agent.images import keep_copy, read_facts
from counter_hooks.agent.pages import PageShape, RowSink
from counter_hooks.agent.preview import PreviewMaker, Strip

WIDTH, HEIGHT = 400, 300


def make_sink(
    folder: Path,
    *,
    height: int | None = HEIGHT,
    channels: int = 3,
    check: Callable[[], None] = lambda: None,
    kept: list[Page] | None = None,
) -> RowSink:
    """Return a sink for one page in ``folder``."""

    def keep(page: Page) -> Page:
        if kept is not None:
            kept.append(page)
        return page

    return RowSink(
        folder / "page-0001.jpg",
        number=1,
        shape=PageShape(width_px=WIDTH, height_px=height, channels=channels, dpi=300),
        quality=90,
        preview=None,
        check=check,
        progress=lambda _: None,
        keep=keep,
    )


def rows(channels: int = 3, height: int = HEIGHT) -> bytes:
    """Return a grey ramp, darker to the right."""
    return b"".join(bytes([x * 255 // WIDTH]) * channels for x in range(WIDTH)) * height


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("height", [HEIGHT, None], ids=["known", "unknown"])
def test_rows_become_a_page(tmp_path: Path, channels: int, height: int | None) -> None:
    """Rows in pieces of any size become a baseline JPEG of right size, resolution and digest."""
    kept: list[Page] = []
    sink = make_sink(tmp_path, height=height, channels=channels, kept=kept)
    content = rows(channels)
    for start in range(0, len(content), 7777):
        sink.write(memoryview(content)[start : start + 7777])
    page = sink.finish()
    assert kept == [page]
    file = page.path.read_bytes()
    assert page.sha256 == hashlib.sha256(file).hexdigest()
    assert page.size_bytes == len(file)
    assert (page.width_px, page.height_px, page.dpi) == (WIDTH, HEIGHT, 300)
    with Image.open(page.path) as image:
        assert image.size == (WIDTH, HEIGHT)
        assert image.mode == ("RGB" if channels == 3 else "L")
        assert image.info["dpi"] == (300, 300)
        assert "progressive" not in image.info
        assert image.convert("L").getpixel((300, 10)) == pytest.approx(191, abs=4)
    assert [path.name for path in tmp_path.iterdir()] == ["page-0001.jpg"]


@pytest.mark.parametrize("missing", [WIDTH * 3, 1, WIDTH * HEIGHT * 3])
def test_short_page_is_unsound(tmp_path: Path, missing: int) -> None:
    """A page with rows or single bytes missing is never kept, and leaves no file."""
    kept: list[Page] = []
    sink = make_sink(tmp_path, kept=kept)
    sink.write(rows()[: WIDTH * HEIGHT * 3 - missing])
    with pytest.raises(ResultUnsound):
        sink.finish()
    assert not kept
    assert not list(tmp_path.iterdir())


def test_half_row_of_unknown_height_is_unsound(tmp_path: Path) -> None:
    """Where nobody announced a height, at least the last row must be whole."""
    sink = make_sink(tmp_path, height=None)
    sink.write(rows()[:-1])
    with pytest.raises(ResultUnsound):
        sink.finish()
    assert not list(tmp_path.iterdir())


def test_more_rows_than_announced_are_unsound(tmp_path: Path) -> None:
    """Rows beyond the announced height end the page."""
    sink = make_sink(tmp_path)
    with pytest.raises(ResultUnsound):
        sink.write(rows(height=HEIGHT + 1))
    assert not list(tmp_path.iterdir())


def test_discarded_page_leaves_nothing(tmp_path: Path) -> None:
    """Discarding drops the file and may be done twice; a finished page stays."""
    sink = make_sink(tmp_path)
    sink.write(rows(height=10))
    sink.discard()
    sink.discard()
    assert not list(tmp_path.iterdir())
    with pytest.raises(ResultUnsound):
        sink.write(rows(height=10))


def test_cancelled_job_stops_in_the_middle_of_a_write(tmp_path: Path) -> None:
    """A cancel is noticed between the blocks of one huge write."""
    checks = itertools.count()

    def check() -> None:
        if next(checks) > 2:
            raise JobCancelled

    sink = make_sink(tmp_path, check=check)
    with pytest.raises(JobCancelled):
        sink.write(rows())
    sink.discard()


def test_full_disk_is_told(tmp_path: Path) -> None:
    """A page that cannot be written is an error of its own, not a broken pipe."""
    # The encoder may be gone at its first byte, or hold all rows: at the latest the end says it.
    with pytest.raises(PageUnkept):  # noqa: PT012 - each of the three may say it
        sink = make_sink(tmp_path / "missing")
        sink.write(rows())
        sink.finish()


def test_missing_encoder_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without cjpeg the error names the package."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(EncoderMissing, match="libjpeg-turbo-progs"):
        encoder.require_encoder()


@pytest.mark.parametrize(
    "shape",
    [
        {"channels": 2},
        {"width_px": 0},
        {"height_px": 70_000},
        {"height_px": -1},
        {"dpi": 0},
        {"dpi": 70_000},
    ],
)
def test_nonsense_measures_are_refused(shape: dict[str, int]) -> None:
    """A driver that lies about its page is stopped before anything is written."""
    with pytest.raises(ResultUnsound):
        PageShape(**{"width_px": 10, "height_px": 10, "channels": 3, "dpi": 300} | shape)


def make_preview(strips: list[Strip], *, takes: Callable[[], bool] = lambda: True) -> PreviewMaker:
    """Return a maker for a page of 1000 x 500 whose clock ticks a millisecond a look."""
    ticks = itertools.count()

    def offer(strip: Strip) -> bool:
        if takes():
            strips.append(strip)
            return True
        return False

    return PreviewMaker(
        width_px=1000,
        height_px=500,
        channels=1,
        target_px=250,
        interval_s=0.005,
        quality=80,
        offer=offer,
        clock=lambda: next(ticks) / 1000,
    )


def test_first_strip_comes_after_some_tens_of_rows() -> None:
    """The first strip needs no more than 32 rows of the scanner."""
    strips: list[Strip] = []
    maker = make_preview(strips)
    maker.write(memoryview(bytes(1000 * 32)))
    assert [(strip.top, strip.width, strip.height) for strip in strips] == [(0, 250, 8)]
    assert strips[0].total_height == 125


@pytest.mark.parametrize("piece", [999, 5000, 500_000])
def test_strips_cover_the_page_once(piece: int) -> None:
    """Strips follow each other without gap or overlap and average what they stand for."""
    strips: list[Strip] = []
    maker = make_preview(strips)
    content = bytes(y // 2 for y in range(500) for _ in range(1000))
    for start in range(0, len(content), piece):
        maker.write(memoryview(content)[start : start + piece])
    maker.finish()
    assert [strip.top for strip in strips] == [
        sum(before.height for before in strips[:index]) for index in range(len(strips))
    ]
    assert sum(strip.height for strip in strips) == 125
    for strip in strips:
        with Image.open(io.BytesIO(strip.jpeg)) as image:
            assert image.size == (strip.width, strip.height)
            assert image.getpixel((100, 0)) == pytest.approx(strip.top * 2, abs=4)


def test_full_line_delays_strips_and_loses_none() -> None:
    """Strips that were not taken are offered again as part of a larger one."""
    strips: list[Strip] = []
    answers = itertools.chain([False] * 2, itertools.repeat(True))
    maker = make_preview(strips, takes=lambda: next(answers))
    maker.write(memoryview(bytes(500_000)))
    maker.finish()
    assert strips[0].top == 0
    assert sum(strip.height for strip in strips) == 125


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("stated", [300, None])
def test_files_are_kept_with_a_resolution(tmp_path: Path, kind: str, stated: int | None) -> None:
    """A whole file is copied; the resolution is written in where the file does not say it."""
    source, target = tmp_path / "in", tmp_path / "out"
    Image.effect_noise((60, 40), 50).save(source, kind, **({"dpi": (300, 300)} if stated else {}))
    facts = read_facts(source)
    assert facts.dpi == stated
    kept = keep_copy(source, target, facts, dpi=stated or 200)
    assert kept.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert kept.size_bytes == target.stat().st_size
    assert read_facts(target).dpi == (stated or 200)
    with Image.open(source) as before, Image.open(target) as after:
        assert before.tobytes() == after.tobytes()


def test_photograph_without_jfif_header_gets_one(tmp_path: Path) -> None:
    """A JPEG that begins with Exif data gets a JFIF header before it."""
    source, target = tmp_path / "in", tmp_path / "out"
    buffer = io.BytesIO()
    Image.new("L", (60, 40)).save(buffer, "JPEG")
    content = buffer.getvalue()
    source.write_bytes(content[:2] + content[20:])
    keep_copy(source, target, read_facts(source), dpi=240)
    assert read_facts(target).dpi == 240


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "gif"])
def test_unsound_files_are_refused(tmp_path: Path, damage: str) -> None:
    """Files that are cut off or of another type never become pages."""
    source = tmp_path / "in"
    buffer = io.BytesIO()
    Image.effect_noise((200, 200), 50).save(buffer, "GIF" if damage == "gif" else "JPEG")
    content = buffer.getvalue()
    source.write_bytes(
        {"cut": content[:-2000], "text": b"hello", "empty": b"", "gif": content}[damage]
    )
    with pytest.raises(ResultUnsound):
        read_facts(source)


def test_a_page_of_unknown_height_on_a_full_disk_is_unkept(tmp_path: Path) -> None:
    """Rows that find no room are told as such, also those that waited in memory, and leave nothing."""
    (tmp_path / "page-0001.rows").symlink_to("/dev/full")
    sink = make_sink(tmp_path, height=None)
    sink.write(bytes(WIDTH))
    with pytest.raises(PageUnkept):
        sink.write(rows())
    sink.discard()
    assert not list(tmp_path.iterdir())


def test_the_last_rows_of_unknown_height_that_find_no_room_leave_nothing(tmp_path: Path) -> None:
    """A full disk may say so at the very end: the rows before it must not go on filling it."""
    (tmp_path / "page-0001.rows").symlink_to("/dev/full")
    sink = make_sink(tmp_path, height=None)
    sink.write(bytes(WIDTH * 3))
    with pytest.raises(PageUnkept):
        sink.finish()
    assert not list(tmp_path.iterdir())


def test_a_page_of_unknown_height_that_is_too_long_leaves_nothing(tmp_path: Path) -> None:
    """More rows than a JPEG can have are told as such, and do not stay on the disk."""
    sink = make_sink(tmp_path, height=None, channels=1)
    sink.write(bytes(WIDTH * (encoder.MAXIMUM_SIDE_PX + 1)))
    with pytest.raises(ResultUnsound):
        sink.finish()
    assert not list(tmp_path.iterdir())


def test_a_page_of_unknown_height_that_cannot_begin_is_unkept(tmp_path: Path) -> None:
    """That there is no room for another file is no fault of the driver."""
    with pytest.raises(PageUnkept):
        make_sink(tmp_path / "away", height=None)
