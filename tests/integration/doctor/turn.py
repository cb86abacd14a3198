"""A coturn of the tests' own, on loopback."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from deploy.virtual.processes import Process
from tests.integration.prosody.server import DOMAIN, free_port

START_S = 60
SECRET = "turn-secret-of-the-tests-0123456789"
CONFIG = """\
listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port={udp}
tls-listening-port={tls}
realm={domain}
use-auth-secret
static-auth-secret={secret}
cert={certificate}.crt
pkey={certificate}.key
userdb={folder}/turn.db
pidfile={folder}/turn.pid
log-file=stdout
simple-log
no-cli
no-rfc5780
"""
# Started by root it would become another user, who may not read the certificate.
AS_ROOT = "proc-user=root\nproc-group=root\n"


class TurnServer:
    """A running coturn."""

    def __init__(self, folder: Path, certificate: Path) -> None:
        self.udp, self.tls = free_port(), free_port()
        file = folder / "turnserver.conf"
        file.write_text(
            CONFIG.format(
                udp=self.udp,
                tls=self.tls,
                domain=DOMAIN,
                secret=SECRET,
                certificate=certificate,
                folder=folder,
            )
            + (AS_ROOT if os.geteuid() == 0 else "")
        )
        self._process = Process(
            ["turnserver", "-c", str(file)],
            log=folder / "turn.log",
            environment=os.environ,
            directory=folder,
        )
        try:
            self._process.wait_until(self._is_serving, seconds=START_S)
        except BaseException:
            self._process.stop()
            raise

    def stop(self) -> None:
        """Stop it."""
        self._process.stop()

    def _is_serving(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.tls)) == 0
