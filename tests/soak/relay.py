"""The line between one agent and the bridge, which can be cut or go silent."""

from __future__ import annotations

import contextlib
import socket
import threading

BLOCK_BYTES = 64 * 1024
LOOK_S = 0.5


class Relay:
    """Hands on what comes in at ``port`` to ``target``; made anew it begins whole."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._is_cut = False
        self._flows = threading.Event()
        self._flows.set()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def cut(self) -> None:
        """End every connection, and each new one at once, as a router without a line would."""
        self._is_cut = True
        self._hang_up()

    def go_silent(self) -> None:
        """Keep every connection and carry nothing, as a broken line would."""
        self._flows.clear()

    def heal(self) -> None:
        """Carry everything again."""
        self._is_cut = False
        self._flows.set()

    def close(self) -> None:
        """End everything."""
        self.cut()
        self._flows.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            if self._is_cut:
                return
            self._flows.wait()
            with socket.create_connection(("127.0.0.1", self._target), timeout=5) as far:
                far.settimeout(None)
                with self._lock:
                    self._sockets |= {near, far}
                back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
                back.start()
                self._pump(near, far)
                back.join()
                with self._lock:
                    self._sockets -= {near, far}
        except OSError:
            return
        finally:
            near.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(BLOCK_BYTES):
                while not self._flows.wait(LOOK_S):
                    continue
                sink.sendall(block)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        with self._lock:
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
