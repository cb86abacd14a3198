"""A scanner and a printer that are folders: for devices that only know how to write to one.

Many office machines put what they scan into a shared folder and print what they find in another.
Settings ``[plugins.folder]``: ``scan`` and ``print``, the folders (either may be left out);
``name``, as it is shown; ``dpi`` for files that do not say theirs; ``wait_s`` for the first file
(60), ``quiet_s`` without a further one that ends a stack (3), ``settle_s`` without growing (0.5);
``keep`` true leaves scanned files where they are, otherwise they are erased.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from counter_hooks import (
    Capability,
    Device,
    DeviceError,
    DeviceGone,
    DeviceSilent,
    Driver,
    JobCancelled,
    PluginRefused,
    PrintContext,
    PrintJob,
    ScanContext,
    ScanJob,
    Source,
    hookimpl,
)

SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
LOOK_INTERVAL_S = 0.1
# A file that has begun may take so much longer to become whole.
GROWING_S = 60.0
KNOWN = frozenset({"scan", "print", "name", "dpi", "wait_s", "quiet_s", "settle_s", "keep"})

Stamp = tuple[int, int]


class FolderDriver(Driver):
    """Watches one folder for pages and writes documents into another."""

    name = "folder"

    def __init__(
        self,
        *,
        scan_folder: Path | None,
        print_folder: Path | None,
        title: str,
        dpi: int | None,
        wait_s: float,
        quiet_s: float,
        settle_s: float,
        keep: bool,
    ) -> None:
        self._scan_folder = scan_folder
        self._print_folder = print_folder
        self._title = title
        self._dpi = dpi
        self._wait_s = wait_s
        self._quiet_s = quiet_s
        self._settle_s = settle_s
        self._keep = keep
        self._seen: tuple[str, dict[Path, Stamp]] = ("", {})

    def discover(self) -> Sequence[Device]:
        """Return a device for each folder that is there and may be used."""
        devices = []
        if self._scan_folder is not None and os.access(self._scan_folder, os.R_OK | os.W_OK):
            devices.append(
                Device(
                    id=f"{self.name}:scan",
                    driver=self.name,
                    name=f"{self._title} (scan)",
                    capabilities=frozenset({Capability.SCAN}),
                    sources=(Source.GLASS, Source.FEEDER),
                )
            )
        if self._print_folder is not None and os.access(self._print_folder, os.W_OK):
            devices.append(
                Device(
                    id=f"{self.name}:print",
                    driver=self.name,
                    name=f"{self._title} (print)",
                    capabilities=frozenset({Capability.PRINT}),
                )
            )
        return devices

    def scan(self, job: ScanJob, device: Device, context: ScanContext) -> None:
        """Take the files that appear from now on: one from the glass, a stack from the feeder."""
        folder = self._present(self._scan_folder, device)
        old = self._old(job, folder)
        pages = 0
        while True:
            limit_s = self._quiet_s if pages else self._wait_s
            path = self._next(folder, old, limit_s, context)
            if path is None:
                if pages:
                    return
                raise DeviceSilent("no file came into the folder", device=device.id, job=job.id)
            context.add_page(path, dpi=self._dpi)
            if self._keep:
                old[path] = _stamp(path)
            else:
                path.unlink(missing_ok=True)
            pages += 1
            if job.options.source is Source.GLASS:
                return

    def print(self, job: PrintJob, device: Device, context: PrintContext) -> None:
        """Write the document into the folder under the job's id, once for each copy.

        A machine takes what it prints out of the folder, so that nobody can look whether a copy
        was there. Each is written under a hidden name first; that all of them are is remembered;
        then they are shown. After a restart a hidden one has not been shown yet, and no other is.
        """
        folder = self._present(self._print_folder, device)
        targets = [folder / name for name in _names(job)]
        hidden = [target.with_name(f".{target.name}.part") for target in targets]
        try:
            if context.spooler_id is None:
                for part in hidden:
                    _write(job.file, part)
                _synchronise(folder)
                context.remember(job.id)
            for part, target in zip(hidden, targets, strict=True):
                if part.exists():
                    if context.is_cancelled:
                        raise JobCancelled(job=job.id)
                    part.rename(target)
                    # Otherwise it could be hidden, and shown, once more after a power cut.
                    _synchronise(folder)
        except OSError as error:
            raise DeviceError(
                f"the folder cannot be written: {error.strerror}", device=device.id
            ) from error
        finally:
            for part in hidden:
                with suppress(OSError):
                    part.unlink(missing_ok=True)

    def _old(self, job: ScanJob, folder: Path) -> dict[Path, Stamp]:
        """Return what lay there when the job began: it belongs to somebody who was here before.

        A job that is gone on with, page by page or after somebody's help, may find that its next
        page has come early.
        """
        if self._seen[0] != job.id:
            self._seen = (job.id, {path: _stamp(path) for path in _images(folder)})
        return self._seen[1]

    def _present(self, folder: Path | None, device: Device) -> Path:
        if folder is None or not folder.is_dir():
            raise DeviceGone("the folder is not there", device=device.id)
        return folder

    def _next(
        self, folder: Path, old: Mapping[Path, Stamp], limit_s: float, context: ScanContext
    ) -> Path | None:
        """Return a new file that has stopped growing; None when ``limit_s`` passed without one."""
        seen: dict[Path, tuple[Stamp, float]] = {}
        waited_s = 0.0
        while waited_s < limit_s or (seen and waited_s < limit_s + GROWING_S):
            new = {path: _stamp(path) for path in _images(folder)}
            seen = {
                path: (stamp, self._still(seen.get(path), stamp))
                for path, stamp in new.items()
                if old.get(path) != stamp
            }
            settled = sorted(path for path, (_, still) in seen.items() if still >= self._settle_s)
            if settled:
                return settled[0]
            if context.wait(LOOK_INTERVAL_S):
                raise JobCancelled
            waited_s += LOOK_INTERVAL_S
        return None

    def _still(self, before: tuple[Stamp, float] | None, stamp: Stamp) -> float:
        if before is None or before[0] != stamp or stamp[0] == 0:
            return 0.0
        return before[1] + LOOK_INTERVAL_S


@hookimpl
def register_drivers(settings: Mapping[str, object]) -> list[Driver]:
    """Bring the driver when a folder is configured."""
    unknown = sorted(set(settings) - KNOWN)
    if unknown:
        raise PluginRefused(f"[plugins.folder] knows no {', '.join(unknown)}")
    scan_folder, print_folder = _folder(settings, "scan"), _folder(settings, "print")
    if scan_folder is None and print_folder is None:
        return []
    dpi = settings.get("dpi")
    if dpi is not None and (not isinstance(dpi, int) or not 50 <= dpi <= 4800):
        raise PluginRefused("[plugins.folder] dpi must be a whole number from 50 to 4800")
    return [
        FolderDriver(
            scan_folder=scan_folder,
            print_folder=print_folder,
            title=str(settings.get("name", "Folder")),
            dpi=dpi,
            wait_s=_seconds(settings, "wait_s", 60.0),
            quiet_s=_seconds(settings, "quiet_s", 3.0),
            settle_s=_seconds(settings, "settle_s", 0.5),
            keep=settings.get("keep") is True,
        )
    ]


def _folder(settings: Mapping[str, object], name: str) -> Path | None:
    value = settings.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise PluginRefused(f"[plugins.folder] {name} must be the full path of a folder")
    return Path(value)


def _seconds(settings: Mapping[str, object], name: str, default: float) -> float:
    value = settings.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3600:
        raise PluginRefused(f"[plugins.folder] {name} must be seconds from 0 to 3600")
    return float(value)


def _images(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise DeviceGone(f"the folder cannot be read: {error.strerror}") from error
    for path in found:
        # Machines that write under a hidden or temporary name rename it at the end. A link could
        # point to anything that the agent may read.
        if (
            path.suffix.lower() in SUFFIXES
            and not path.name.startswith(".")
            and path.is_file()
            and not path.is_symlink()
        ):
            yield path


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _names(job: PrintJob) -> list[str]:
    copies = job.options.copies
    return [
        f"{job.id}-{copy}.pdf" if copies > 1 else f"{job.id}.pdf" for copy in range(1, copies + 1)
    ]


def _write(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        shutil.copyfileobj(reading, writing)
        writing.flush()
        os.fsync(writing.fileno())


def _synchronise(folder: Path) -> None:
    """Have the names in a folder on disk, as far as its rights allow to open it."""
    try:
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:  # a letter box: one may write into it and not look
        return
    try:
        os.fsync(number)
    except OSError as error:
        # A share of another machine keeps its names itself.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(number)
