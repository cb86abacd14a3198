"""A real nginx on loopback ports, with a configuration of ours put where the test can reach it."""

from __future__ import annotations

import datetime
import ipaddress
import os
import shutil
import socket
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.virtual.processes import Process
from tests.support import require

START_S = 60
_MAIN = """\
user nginx;
pid /run/nginx.pid;
error_log /dev/stderr info;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    access_log /dev/stdout;
{inside}
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def main_of(inside: str) -> str:
    """Return a main configuration whose ``http`` block has ``inside`` in it."""
    return _MAIN.format(inside=inside)


class Nginx:
    """An nginx with the main configuration ``text``, all of whose own files are in ``folder``."""

    def __init__(self, folder: Path, text: str, *, modules: str = "") -> None:
        self.folder = folder
        self.file = folder / "nginx.conf"
        folder.mkdir(parents=True, exist_ok=True)
        temporary = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in _TEMPORARY)
        # Workers of another user would not get into a folder of root's.
        user = "user root;\n" if os.geteuid() == 0 else ""
        for old, new in (
            ("user nginx;\n", f"{user}{modules}daemon off;\n"),
            ("/run/nginx.pid", f"{folder}/nginx.pid"),
            ("/dev/stderr", f"{folder}/error.log"),
            ("/dev/stdout", f"{folder}/access.log"),
            ("    sendfile on;\n", f"    sendfile on;\n{temporary}"),
        ):
            text = text.replace(old, new)
        self.file.write_text(text)
        self._process: Process | None = None

    def complaint(self) -> str:
        """Return what ``nginx -t`` says against the configuration; empty when it is sound."""
        command = [_program(), "-t", "-q", "-c", str(self.file), "-p", str(self.folder)]
        tried = subprocess.run(command, check=False, capture_output=True, text=True)
        return tried.stderr if tried.returncode else ""

    def start(self, port: int) -> None:
        """Start, and wait until ``port`` takes connections."""
        command = [_program(), "-c", str(self.file), "-p", str(self.folder)]
        self._process = Process(
            command, log=self.folder / "said", environment=os.environ, directory=self.folder
        )
        self._process.wait_until(lambda: _is_open(port), seconds=START_S)

    def stop(self) -> None:
        """Stop it."""
        if self._process:
            self._process.stop()

    def log(self, name: str = "access") -> str:
        """Return one of its logs."""
        return (self.folder / f"{name}.log").read_text()


def certificate(folder: Path, *names: str) -> Path:
    """Write ``cert.pem`` and ``key.pem`` for ``names`` and 127.0.0.1; return the certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    also = [*map(x509.DNSName, names), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(also), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem"


def needed() -> None:
    """Skip where there is no nginx."""
    if _program() == "nginx":
        require("nginx", "nginx")


def _program() -> str:
    # A person's PATH lacks the folder that Debian puts it in.
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "nginx"


def _is_open(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False
