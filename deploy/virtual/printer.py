"""A printer without hardware, for the demo and the tests: a real IPP printer behind a real, private CUPS.

`VirtualPrinter` runs CUPS's own `ippeveprinter`, whose paper is a folder, and a `cupsd` with one queue that
prints to it. Neither touches the machine's CUPS, and only programs with the variables of `environment()`
see the queue. It works as root and as anybody else.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.virtual.processes import Process, ProcessNotReady, wait_until

HERE = Path(__file__).parent

PACKAGES = {
    "cupsd": "cups-daemon",
    "lpadmin": "cups-client",
    "ippeveprinter": "cups-ipp-utils",
    "ipptool": "cups-ipp-utils",
    "dbus-daemon": "dbus-daemon",
    "setpriv": "util-linux",
}
"""The programs it consists of, and where Debian has them. Filters for PDF are in `cups-filters`."""

FAULTS = {
    "jam": "media-jam",
    "cover_open": "cover-open",
    "tray_missing": "input-tray-missing",
    "toner_empty": "toner-empty",
    "waste_full": "marker-waste-full",
    "other": "other",
    "abort": "abort",
}
"""The faults it plays while it prints, and the state reasons (RFC 8011, 5.4.12) it gives for them.
All stop the paper until mended; with "abort" the printer gives the job up instead."""

FORMATS = "application/pdf,image/jpeg,image/pwg-raster,image/urf"
"""What the printer takes. PDF first, so that CUPS sends PDF."""

PORTS = range(20000, 32768)
"""Where its port is looked for: below those that Linux gives to clients, lest one of them
gets the port while the printer is off."""

BUS = """<busconfig><type>system</type><listen>unix:path={run}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/>
<allow user="*"/></policy></busconfig>
"""

CUPS_FILES = """ServerRoot {run}/etc
CacheDir {run}/cache
StateDir {run}/state
RequestRoot {run}/spool
TempDir {run}/spool/tmp
ServerBin /usr/lib/cups
DataDir /usr/share/cups
AccessLog {run}/log/access
PageLog {run}/log/page
ErrorLog stderr
Printcap {run}/state/printcap
User {user}
Group {group}
"""

CUPSD = """LogLevel info
MaxLogSize 0
Listen {run}/client/cups.sock
Browsing Off
DefaultAuthType None
WebInterface No
JobRetryInterval 5
DirtyCleanInterval 0
<Location />
Order allow,deny
Allow all
</Location>
<Policy default>
JobPrivateAccess all
JobPrivateValues none
SubscriptionPrivateAccess all
SubscriptionPrivateValues none
<Limit All>
Order deny,allow
Allow all
</Limit>
</Policy>
"""


class PrinterNotInstalled(RuntimeError):
    """A program that the virtual printer consists of is missing; the message says what to install."""


def find(program: str) -> str | None:
    """Return the program's path. Debian keeps some where only root's PATH leads."""
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    return shutil.which(program, path=path)


class VirtualPrinter:
    """The printer of one counter and its queue, from `with` to the end of the block.

    Its directory keeps what came out (`out`), its logs (`log`) and how it behaves (`control`).
    Enter it, and turn it on, in a thread that stays: see `processes.Process`.
    """

    def __init__(
        self, directory: Path, *, queue: str = "COUNTER", connect_seconds: int = 5
    ) -> None:
        """Prepare a printer whose queue finds it missing after `connect_seconds` without an answer."""
        self.queue = queue
        self.directory = directory.resolve()
        self._connect_seconds = connect_seconds
        self._out = self.directory / "out"
        self._log = self.directory / "log"
        self._control = self.directory / "control"
        for folder in (self._out, self._log, self._control):
            folder.mkdir(parents=True, exist_ok=True)
        self._programs = _programs()
        self._port = 0
        self._empty = False
        self._printer: Process | None = None

    def __enter__(self) -> Self:
        """Start everything and return when the queue prints."""
        with contextlib.ExitStack() as stack:
            self._run = stack.enter_context(_runtime_directory())
            self._start_bus(stack)
            stack.callback(self.turn_off)
            self._start_printer()
            self._configure_cups()
            self._start_cups()
            stack.callback(lambda: self._cups.stop())
            self._make_queue()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything. What came out, and the logs, stay."""
        self._stack.close()

    @property
    def uri(self) -> str:
        """The printer's own address, for who speaks IPP to it without CUPS."""
        return f"ipp://localhost:{self._port}/ipp/print"

    def environment(self) -> dict[str, str]:
        """Return the variables that make CUPS clients find this queue, and no other."""
        return {"CUPS_SERVER": str(self._run / "client" / "cups.sock")}

    def printed_files(self) -> list[Path]:
        """Return the documents that came out, the first one first."""
        return sorted(self._out.iterdir())

    def printed_titles(self) -> list[str]:
        """Return what the printer was told that each of them is, in the same order."""
        paper = self._log / "paper"
        return paper.read_text().splitlines() if paper.exists() else []

    def fault(self, name: str) -> None:
        """Break the printer: a job that prints now or later shows the fault, and waits or fails.

        An idle printer shows none of these; running out of paper it does, see `set_paper`.
        """
        if name not in FAULTS:
            raise ValueError(f"no such fault: {name}; there are {', '.join(FAULTS)}")
        self._write("fault", FAULTS[name])

    def mend(self) -> None:
        """End the fault: the job that waited comes out."""
        (self._control / "fault").unlink(missing_ok=True)

    def set_pace(self, seconds: float) -> None:
        """Let each job take so many seconds from now on.

        0 is as fast as possible, for the job that prints now as well.
        """
        if seconds < 0:
            raise ValueError("a job cannot take less than no time")
        self._write("pace", str(round(seconds * 10)))

    def set_paper(self, *, empty: bool) -> None:
        """Take the paper out of the trays, or fill them: the printer shows it, idle or not."""
        self._empty = empty
        if self._printer:
            self._fill_trays()

    def turn_off(self) -> None:
        """Cut the power. The job that was printing is lost to the printer; nothing of it comes out."""
        if self._printer:
            self._printer.kill()
            self._printer = None

    def turn_on(self) -> None:
        """Switch it on again, at the same address and with the same paper and fault."""
        if not self._printer:
            self._start_printer()

    def restart_cups(self) -> None:
        """Kill CUPS and what it was running, as the kernel does when memory is short, and start it again."""
        self._cups.kill()
        self._start_cups()

    def _start_bus(self, stack: contextlib.ExitStack) -> None:
        """Start a D-Bus of our own: ippeveprinter ends without one, although it announces nothing."""
        config = self._run / "bus.conf"
        config.write_text(BUS.format(run=self._run))
        bus = self._start("dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile")
        stack.callback(bus.stop)
        bus.wait_until(lambda: _answers(str(self._run / "bus")))

    def _start_printer(self) -> None:
        """Start the printer: at its port, or the first time at any that is free."""
        for attempts_left in reversed(range(5)):
            port = self._port or _free_port()
            # A printer whose job wedged it leaves its spool behind; a new one starts clean.
            spool = tempfile.mkdtemp(prefix="ipp-", dir=self._run)
            printer = self._start(
                *("ippeveprinter", "-v", "-2", "-r", "off", "-n", "localhost", "-p", str(port)),
                *("-d", spool, "-K", str(self._run / "keys"), "-f", FORMATS),
                *("-c", str(HERE / "print-job"), "Virtual Counter"),
                OAC_PRINTER=str(self.directory),
                OAC_PRINTER_URI=f"ipp://localhost:{port}/ipp/print",
                OAC_CANCELLED_TEST=str(HERE / "cancelled.test"),
            )
            try:
                printer.wait_until(partial(_answers, ("localhost", port)))
            except ProcessNotReady:
                printer.stop()
                # Between our look and its start somebody else may have taken the port.
                if self._port or not attempts_left:
                    raise
                continue
            self._port, self._printer = port, printer
            break
        self._fill_trays()

    def _configure_cups(self) -> None:
        for name in ("etc/ppd", "cache", "state/certs", "spool/tmp", "log"):
            (self._run / name).mkdir(parents=True)
        # As root, cupsd trusts whoever reaches its socket; then that is root alone.
        (self._run / "client").mkdir(mode=0o700)
        user, group = _filter_user()
        facts = {"run": self._run, "user": user, "group": group}
        files, config = self._run / "etc" / "cups-files.conf", self._run / "etc" / "cupsd.conf"
        files.write_text(CUPS_FILES.format(**facts))
        config.write_text(CUPSD.format(**facts))
        # AppArmor confines /usr/sbin/cupsd to the machine's own directories; a copy it does not know.
        shutil.copy(self._programs["cupsd"], self._run / "cupsd")

    def _start_cups(self) -> None:
        etc = self._run / "etc"
        files = ("-c", str(etc / "cupsd.conf"), "-s", str(etc / "cups-files.conf"))
        self._cups = self._start(str(self._run / "cupsd"), "-f", *files)
        self._cups.wait_until(lambda: _answers(self.environment()["CUPS_SERVER"]))

    def _make_queue(self) -> None:
        """Make the queue as an administrator does: driverless, from what the printer says of itself."""
        # With a contimeout in the address "everywhere" fails silently and leaves a raw queue
        # (CUPS 2.4.2): so first the plain address, then the PPD, then the contimeout. Without
        # it, a printer that is off never shows: the job stays "processing" for ever.
        everywhere = ("-m", "everywhere", "-o", "printer-error-policy=stop-printer")
        self._lpadmin("-v", self.uri, *everywhere, "-E")
        ppd = self._run / "etc" / "ppd" / f"{self.queue}.ppd"
        wait_until(lambda: ppd.exists() and ppd.stat().st_size > 0, f"{ppd} is made", seconds=60)
        # The printer's own default is US Letter.
        patient = f"{self.uri}?contimeout={self._connect_seconds}"
        self._lpadmin("-v", patient, "-o", "PageSize=A4")

    def _lpadmin(self, *options: str) -> None:
        subprocess.run(
            [self._programs["lpadmin"], "-p", self.queue, *options],
            env=self._child_environment() | self.environment(),
            check=True,
            timeout=60,
        )

    def _fill_trays(self) -> None:
        """Fill in the printer's own form. It takes a tray that is not mentioned for an empty one."""
        level = 0 if self._empty else 100
        trays = [
            f"size{tray}=iso_a4_210x297mm&type{tray}=stationery&level{tray}={level}"
            for tray in (1, 3)  # main, by-pass-tray; 0 is "auto" and 2 "manual"
        ]
        connection = http.client.HTTPConnection("localhost", self._port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", f"/media?{'&'.join(trays)}")
            connection.getresponse().read()

    def _start(self, program: str, *arguments: str, **variables: str) -> Process:
        return Process(
            [self._programs.get(program, program), *arguments],
            log=self._log / Path(program).name,
            environment=self._child_environment() | variables,
            directory=self._run,
        )

    def _child_environment(self) -> dict[str, str]:
        """Return an environment of few variables, so that nobody's settings change the printer."""
        return {
            "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin",
            "LANG": "C.UTF-8",
            "HOME": str(self._run),
            "TMPDIR": str(self._run),
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self._run}/bus",
        }

    def _write(self, name: str, text: str) -> None:
        fresh = self._control / f".{name}.{os.getpid()}"
        fresh.write_text(f"{text}\n")
        fresh.replace(self._control / name)


def _programs() -> dict[str, str]:
    """Return where the programs are, by name."""
    found = {program: find(program) for program in PACKAGES}
    missing = sorted({PACKAGES[program] for program, path in found.items() if not path})
    if missing:
        raise PrinterNotInstalled(f"install {' '.join(missing)} cups-filters")
    return {program: path for program, path in found.items() if path}


@contextlib.contextmanager
def _runtime_directory() -> Iterator[Path]:
    """Give a directory for what lives as long as the printer, and remove it.

    Not the printer's own: a socket's path has at most 107 bytes, and as root CUPS runs its filters
    as another user, who cannot get into root's private folders.
    """
    with tempfile.TemporaryDirectory(prefix="oac-printer-", ignore_cleanup_errors=True) as name:
        run = Path(name)
        if os.geteuid() == 0:
            run.chmod(0o711)
            if not all(parent.stat().st_mode & 0o001 for parent in run.parents):
                raise PermissionError(f"as root, TMPDIR must be open to others: {run.parent}")
        yield run


def _filter_user() -> tuple[int, int]:
    """Return the user and group that CUPS runs its filters as: ourselves, but it refuses root."""
    if os.geteuid():
        return os.getuid(), os.getgid()
    try:
        printing = pwd.getpwnam("lp")
    except KeyError:
        printing = pwd.getpwnam("nobody")
    return printing.pw_uid, printing.pw_gid


def _free_port() -> int:
    """Return a port that is free at both of localhost's addresses."""
    chance = random.SystemRandom()
    while True:
        port = chance.choice(PORTS)
        if not _answers(("localhost", port)):
            return port


def _answers(address: str | tuple[str, int]) -> bool:
    """Return whether somebody listens at the address: a socket's path, or a host and port."""
    try:
        if isinstance(address, tuple):
            socket.create_connection(address, timeout=1).close()
        else:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(address)
    except OSError:
        return False
    return True
