"""A ticket printer at a TCP port: it speaks ESC/POS, keeps what it got, and has faults.

It answers ``DLE EOT`` the moment it arrives, wherever it stands, as the real ones do, and takes
everything else in order; while a fault holds it, it takes nothing and its buffer fills.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import socket
import threading
import tty
from collections.abc import Iterator

from PIL import Image

BUFFER_BYTES = 32 * 1024
# Bytes that follow the two that name a command; pictures, cuts and answers are told apart below.
LENGTHS = {
    b"\x1b@": 0, b"\x1bt": 1, b"\x1ba": 1, b"\x1b!": 1, b"\x1bE": 1, b"\x1bG": 1, b"\x1b-": 1,
    b"\x1b{": 1, b"\x1bM": 1, b"\x1bd": 1, b"\x1bJ": 1, b"\x1d!": 1, b"\x1dB": 1, b"\x1db": 1,
    b"\x10\x04": 1, b"\x1dr": 1, b"\x1da": 1, b"\x1dV": 1,
}  # fmt: skip
CODE_PAGES = {0: "cp437", 2: "cp850", 13: "cp857", 15: "iso8859-7", 16: "cp1252", 19: "cp858"}


class EscposPrinter:
    """The printer; enter it to have it listen."""

    def __init__(self) -> None:
        self.paper = self.cover_closed = self.cutter_free = self.answers = True
        self.text = ""
        self.strips: list[Image.Image] = []
        self.cuts = 0
        self.ends_at_cut = 0  # after which the paper is out
        self.got = b""
        self.has_begun = threading.Event()
        self._code_page = 0
        self._waiting = bytearray()
        self._stop = threading.Event()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def at_network(self) -> Iterator[int]:
        """Listen at a free port; the port is given."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(0.05)
            with self._serving(lambda: self._accept(listener)):
                yield listener.getsockname()[1]

    @contextlib.contextmanager
    def at_serial_line(self) -> Iterator[str]:
        """Sit at the far end of a serial line; the near end is given."""
        far, near = pty.openpty()
        tty.setraw(near)
        os.set_blocking(far, False)
        try:
            with self._serving(lambda: self._serve(far)):
                yield os.ttyname(near)
        finally:
            os.close(far)
            os.close(near)

    @property
    def picture(self) -> Image.Image:
        """All that was drawn, as it lies on the roll."""
        whole = Image.new("L", (max(one.width for one in self.strips),
                                sum(one.height for one in self.strips)), 255)  # fmt: skip
        top = 0
        for strip in self.strips:
            whole.paste(strip, (0, top))
            top += strip.height
        return whole

    @contextlib.contextmanager
    def _serving(self, work: object) -> Iterator[None]:
        thread = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]
        self._stop.clear()
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _accept(self, listener: socket.socket) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                with connection:
                    connection.setblocking(False)
                    self._waiting.clear()
                    self._serve(connection.fileno())

    def _serve(self, number: int) -> None:
        while not self._stop.is_set():
            has_room = len(self._waiting) < BUFFER_BYTES
            if has_room and select.select([number], [], [], 0.01)[0]:
                try:
                    came = os.read(number, 4096)
                except OSError:
                    return
                if not came:
                    return
                self.got += came
                self._take(number, came)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._print(number)

    def _take(self, number: int, came: bytes) -> None:
        self._waiting += came
        self.has_begun.set()
        for place in range(len(came) - 2):
            if came[place : place + 2] == b"\x10\x04" and self.answers:
                os.write(number, bytes([self._state(came[place + 2])]))

    def _state(self, asked: int) -> int:
        is_ready = self.paper and self.cover_closed and self.cutter_free
        bits = {
            1: 0 if is_ready else 0x08,
            2: (0 if self.cover_closed else 0x04) | (0 if self.paper else 0x20),
            3: 0 if self.cutter_free else 0x08,
            4: 0 if self.paper else 0x60,
        }
        return 0x12 | bits.get(asked, 0)

    def _print(self, number: int) -> None:
        while self._waiting and self.paper and self.cover_closed and self.cutter_free:
            used = self._command(number, bytes(self._waiting))
            if not used:
                return
            del self._waiting[:used]

    def _command(self, number: int, data: bytes) -> int:
        """Do what stands first; return how many bytes that was, 0 when it is not all there."""
        if data[0] not in b"\x1b\x1d\x10":
            self.text += bytes([data[0]]).decode(CODE_PAGES[self._code_page])
            return 1
        if data[:3] == b"\x1dv0":
            return self._draw(data)
        if len(data) < 2 or len(data) < 2 + LENGTHS[data[:2]]:
            return 0
        if data[:2] == b"\x1bt":
            self._code_page = data[2]
        elif data[:2] == b"\x1b@":
            self._code_page = 0
        elif data[:2] == b"\x1dV":
            self.cuts += 1
            self.paper = self.paper and self.cuts != self.ends_at_cut
        elif data[:2] == b"\x1dr" and self.answers:
            os.write(number, b"\x00")
        return 2 + LENGTHS[data[:2]]

    def _draw(self, data: bytes) -> int:
        if len(data) < 8:
            return 0
        width, height = data[4] + 256 * data[5], data[6] + 256 * data[7]
        size = 8 + width * height
        if len(data) < size:
            return 0
        image = Image.frombytes("1", (width * 8, height), data[8:size], "raw", "1;I")
        self.strips.append(image.convert("L"))
        return size
