"""Compresses rows to a JPEG file in a process of its own, so that memory stays small.

``cjpeg`` of libjpeg-turbo reads a portable pixmap and writes a baseline JPEG row by row: a few
megabytes whatever the resolution, and a fault in it costs one page. What it writes is hashed on
its way to the file, after the resolution was put into the JFIF header (ITU-T T.871, 10.1).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
import threading
from pathlib import Path
from typing import IO

from counter_hooks.agent.errors import EncoderMissing, PageUnkept

PROGRAM = "cjpeg"
# SOI, APP0 marker and length, "JFIF\0", version, unit, horizontal and vertical density.
HEADER_BYTES = 18
BLOCK_BYTES = 64 * 1024
# JPEG counts rows in 16 bits; libjpeg stops a little below.
MAXIMUM_SIDE_PX = 65_500


def require_encoder() -> str:
    """Return where the encoder is. Raises ``EncoderMissing`` saying what to install."""
    path = shutil.which(PROGRAM)
    if path is None:
        raise EncoderMissing(
            "the program cjpeg is not installed; install the package libjpeg-turbo-progs"
        )
    return path


def with_density(head: bytes, dpi: int) -> bytes:
    """Return the first bytes of a JFIF file with ``dpi`` written in."""
    if head[2:4] != b"\xff\xe0" or head[6:11] != b"JFIF\0":
        raise PageUnkept("the encoder wrote no JFIF header")
    return head[:13] + struct.pack(">BHH", 1, dpi, dpi) + head[HEADER_BYTES:]


class Encoder:
    """One running ``cjpeg`` that writes to ``path``; rows go in by :meth:`write`."""

    def __init__(
        self, path: Path, *, width_px: int, height_px: int, channels: int, dpi: int, quality: int
    ) -> None:
        self._path = path
        self._dpi = dpi
        self._digest = hashlib.sha256()
        self._fault: OSError | PageUnkept | None = None
        self.size_bytes = 0
        self._process = subprocess.Popen(
            [require_encoder(), "-quality", str(quality)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._thread = threading.Thread(target=self._collect, name="encoder", daemon=True)
        self._thread.start()
        kind = "P6" if channels == 3 else "P5"
        self.write(f"{kind}\n{width_px} {height_px}\n255\n".encode())

    @property
    def sha256(self) -> str:
        """The digest of the file, once it is finished."""
        return self._digest.hexdigest()

    def write(self, rows: bytes | memoryview) -> None:
        """Hand rows over; waits while the encoder is behind. Raises ``PageUnkept``."""
        view = memoryview(rows)
        try:
            while view:
                view = view[self._stdin.write(view) :]
        except OSError as error:
            self.abort()
            raise self._unkept() from error

    def finish(self) -> None:
        """End the file and make it durable. Raises ``PageUnkept``."""
        self._stdin.close()
        self._thread.join()
        if self._process.wait() != 0 or self._fault is not None:
            raise self._unkept()

    def abort(self) -> None:
        """Stop at once and leave no process behind; the file is not whole."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        self._stdin.close()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        return self._process.stdin

    def _unkept(self) -> PageUnkept:
        cause = self._fault or f"the encoder ended with {self._process.returncode}"
        return PageUnkept(f"the page could not be written: {cause}")

    def _collect(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - asked for above
        try:
            with stdout, self._path.open("wb") as file:
                head = b""
                while len(head) < HEADER_BYTES and (block := stdout.read(BLOCK_BYTES)):
                    head += block
                if head:
                    self._keep(file, with_density(head, self._dpi))
                while block := stdout.read(BLOCK_BYTES):
                    self._keep(file, block)
                file.flush()
                os.fsync(file.fileno())
        except (OSError, PageUnkept) as error:
            # Told by write() or finish(), which see the closed pipe.
            self._fault = error
            self._process.kill()

    def _keep(self, file: IO[bytes], block: bytes) -> None:
        file.write(block)
        self._digest.update(block)
        self.size_bytes += len(block)
