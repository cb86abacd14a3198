"""A card reader without hardware: pcscd with the virtual reader vpcd, and a card at its other end.

pcscd always listens at ``/run/pcscd``. It gets a ``/run`` of its own, in a namespace that
needs no rights, so that the machine's own is not touched; we reach it through ``/proc``.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from deploy.virtual.printer import find
from deploy.virtual.processes import Process, wait_until
from tests.support import leave_out, own_ports, require

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
PCSCD = find("pcscd") or "pcscd"
START = f"mount -t tmpfs none /run && mkdir /run/pcscd && exec {PCSCD} -f -c "
ALONE = ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)))
PATIENCE_S = 60.0


class Reader:
    """A running pcscd and its one reader, empty; ``door`` is where programs find pcscd."""

    def __init__(self, folder: Path) -> None:
        self.door = folder / "pcscd.comm"
        self._folder = folder
        # vpcd takes this one and the next.
        self._port = own_ports(2)

    @contextlib.contextmanager
    def running(self) -> Iterator[Reader]:
        """Start pcscd, and end it."""
        settings = self._folder / "readers"
        settings.mkdir()
        (settings / "vpcd").write_text(
            f'FRIENDLYNAME "Virtual"\nDEVICENAME /dev/null:{self._port:#x}\n'
            f"LIBPATH {DRIVER}\nCHANNELID {self._port:#x}\n"
        )
        daemon = Process(
            [*ALONE, "sh", "-c", f"{START}{settings}"],
            log=self._folder / "pcscd.log",
            environment=os.environ,
            directory=self._folder,
        )
        try:
            self.comm = Path(f"/proc/{daemon.pid}/root/run/pcscd/pcscd.comm")
            daemon.wait_until(self.comm.exists, seconds=PATIENCE_S)
            self.plug_in()
            yield self
        finally:
            daemon.stop(grace=5)

    def plug_in(self) -> None:
        """Let programs find pcscd."""
        self.door.symlink_to(self.comm)

    def unplug(self) -> None:
        """Let programs find no pcscd."""
        self.door.unlink()

    @contextlib.contextmanager
    def card(self, atr: bytes) -> Iterator[list[bytes]]:
        """Put a card in, and take it out; gives what it was sent besides its reset."""
        sent: list[bytes] = []
        with socket.create_connection(("127.0.0.1", self._port), PATIENCE_S) as line:
            thread = threading.Thread(target=_answer, args=(line, atr, sent), daemon=True)
            thread.start()
            try:
                yield sent
            finally:
                line.shutdown(socket.SHUT_RDWR)
                thread.join()
        # pcscd looks at its readers now and then.
        wait_until(lambda: not has_card(), "the card is out", seconds=PATIENCE_S)


def wait_for_reader() -> None:
    """Wait until pcscd, which listens earlier, has its reader."""
    wait_until(lambda: bool(_states()), "there is a reader", seconds=PATIENCE_S)


def has_card() -> bool:
    """Say whether pcscd sees a card in any reader."""
    from smartcard import scard

    return any(state & scard.SCARD_STATE_PRESENT for state in _states())


def _states() -> list[int]:
    from smartcard import scard

    _failed, place = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    try:
        _failed, names = scard.SCardListReaders(place, [])
        asked = [(name, scard.SCARD_STATE_UNAWARE) for name in names]
        _failed, states = scard.SCardGetStatusChange(place, 0, asked)
        return [state for _name, state, _atr in states]
    finally:
        scard.SCardReleaseContext(place)


def _answer(line: socket.socket, atr: bytes, sent: list[bytes]) -> None:
    """Speak vpcd's protocol: a length, then power (0, 1, 2), 4 for the ATR, or a command."""
    while head := _read(line, 2):
        asked = _read(line, int.from_bytes(head, "big"))
        if asked == b"\x04":
            line.sendall(len(atr).to_bytes(2, "big") + atr)
        elif len(asked) > 1:
            sent.append(asked)
            line.sendall(b"\x00\x02\x6d\x00")


def _read(line: socket.socket, length: int) -> bytes:
    content = b""
    with contextlib.suppress(OSError):
        line.settimeout(None)
        while len(content) < length and (more := line.recv(length - len(content))):
            content += more
    return content


@contextlib.contextmanager
def card_reader(folder: Path) -> Iterator[Reader]:
    """Give a reader, where what it needs is installed and the system allows a place of its own."""
    require("cards", module="smartcard")
    require("cards", PCSCD)
    require("cards", "unshare")
    require("cards", file=DRIVER)
    if subprocess.run([*ALONE, "true"], check=False, capture_output=True).returncode:
        leave_out("cards", "this system gives no mount namespace")
    with Reader(folder).running() as reader:
        yield reader
