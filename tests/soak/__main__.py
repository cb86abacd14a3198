"""``python -m tests.soak --minutes 60 --seed 1``: counters scan and print while everything fails."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from deploy.virtual.processes import wait_until
from tests.soak import proof
from tests.soak.counter import Counter
from tests.soak.hall import Hall

APART = "--apart"
SETTLE_S = 420.0


def main() -> int:
    """Play and judge; 0 when everything is proved."""
    parser = argparse.ArgumentParser(prog="tests.soak", description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, help="go on for so long")
    length.add_argument("--jobs", type=int, help="so many jobs at each counter (default 6)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--counters", type=int, default=10)
    parser.add_argument("--keep", action="store_true", help="leave the logs and say where")
    parser.add_argument(APART, action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not chosen.apart:
        return _apart()
    folder = Path(tempfile.mkdtemp(prefix="oac-soak-"))
    folder.chmod(0o711)
    # The printers' sockets and everything else that we make live and end below one folder.
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    try:
        verdict = _soak(folder, chosen)
        _print(str(verdict))
        return 1 if verdict.wrong else 0
    finally:
        if chosen.keep:
            _print(f"The logs are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _apart() -> int:
    """Run again where our mounts are nobody else's, and end with us."""
    command = [sys.executable, "-m", "tests.soak", APART, *sys.argv[1:]]
    may_mount = ["unshare", "--mount", "--"]
    is_able = (
        os.geteuid() == 0
        and not subprocess.run([*may_mount, "true"], check=False, capture_output=True).returncode
    )
    if not is_able:
        _print("No file system of our own can be made here: no disk runs full.")
    whole = [*may_mount, *command] if is_able else command
    os.execvp(whole[0], whole)  # noqa: S606 - the same program, with mounts of its own


def _soak(folder: Path, chosen: argparse.Namespace) -> proof.Verdict:
    began = time.monotonic()
    hall = Hall(folder)
    with hall.open():
        places = hall.furnish(chosen.counters)
        counters = [Counter(hall, place, n, chosen.seed) for n, place in enumerate(places)]
        for counter in counters:
            counter.start()
        for counter in counters:
            counter.ready.wait()
        first = {one.key: proof.Holding.of(one.agent_pid()) for one in _sound(counters)}
        _say(began, f"{len(counters)} counters are ready")
        enough = _length(chosen)
        for counter in counters:
            counter.play(enough)
        hall.mind(lambda: all(counter.played.is_set() for counter in counters))
        _say(began, "all have played")
        verdict = _verdict(hall, counters, first)
    verdict.wrong += proof.left_over(folder, counters)
    return verdict


def _verdict(hall: Hall, counters: list[Counter], first: dict[str, proof.Holding]) -> proof.Verdict:
    late: list[str] = []
    for counter in _sound(counters):
        try:
            wait_until(
                lambda one=counter: proof.has_settled(one),  # type: ignore[misc]
                "its pages are at the bridge",
                seconds=SETTLE_S,
            )
        except TimeoutError as error:
            late.append(f"{counter.key}: {error}")
        late += proof.grown(counter, first[counter.key])
    for counter in counters:
        counter.pack_up.set()
    for counter in counters:
        counter.join()
    verdict = proof.judge(counters, hall.town.records)
    verdict.wrong += late
    hall.town.run("oac-bridge", "audit", "verify")
    faults: dict[str, int] = {}
    for counter in counters:
        for name, times in counter.tally.faults.items():
            faults[name] = faults.get(name, 0) + times
    verdict.figures |= {f"fault {name}": times for name, times in sorted(faults.items())}
    return verdict


def _sound(counters: list[Counter]) -> list[Counter]:
    return [one for one in counters if not one.tally.complaints]


def _length(chosen: argparse.Namespace) -> Callable[[int], bool]:
    if chosen.minutes is None:
        return lambda done: done >= (chosen.jobs or 6)
    until = time.monotonic() + chosen.minutes * 60
    return lambda _done: time.monotonic() > until


def _say(began: float, what: str) -> None:
    _print(f"{time.monotonic() - began:7.1f} s  {what}")


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
