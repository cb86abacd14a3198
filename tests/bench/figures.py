"""Figures, how they are written, and the memory and processor time of processes."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

KIB = 1024
TICKS = os.sysconf("SC_CLK_TCK")


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Return median, smallest and largest, and how many there are."""
    low, high = min(values), max(values)
    return (
        f"{statistics.median(values):.{digits}f} "
        f"({low:.{digits}f}-{high:.{digits}f}, n={len(values)})"
    )


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Return the ratio of the medians, and the spread of the turns' own ratios."""
    whole = statistics.median(ours) / statistics.median(theirs)
    turns = [one / other for one, other in zip(ours, theirs, strict=True)]
    return f"{whole:.3f} (turns {min(turns):.3f}-{max(turns):.3f}, n={len(turns)})"


def percentiles(values: Sequence[float]) -> str:
    """Return median, 95th percentile and largest."""
    ordered = sorted(values)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"{statistics.median(ordered):.0f} / {high:.0f} / {ordered[-1]:.0f}"


def show(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print a small table."""
    print(f"\n{title}")
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"  {name:<{width}}  {figure}", flush=True)


def say(line: str) -> None:
    """Print how far a long measurement is, at once."""
    print(f"  {line}", flush=True)


def load() -> str:
    """Return how many processes wanted the processors, over one and five minutes."""
    one, five, _ = os.getloadavg()
    return f"{one:.1f} and {five:.1f}"


def tree(pid: int) -> Iterator[int]:
    """Yield a process and its descendants (proc(5): ``task/<tid>/children``)."""
    yield pid
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in list(Path(f"/proc/{pid}/task").iterdir()):
            with suppress(FileNotFoundError, ProcessLookupError):
                for child in (task / "children").read_text().split():
                    yield from tree(int(child))


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one or more processes, in MiB."""

    rss: float
    pss: float

    def __str__(self) -> str:
        return f"RSS {self.rss:.1f} MiB, PSS {self.pss:.1f} MiB"


def memory(pids: Iterator[int] | Sequence[int]) -> Memory:
    """Return the sums over the processes that still run (proc(5): ``smaps_rollup``)."""
    rss = pss = 0.0
    for pid in set(pids):
        with suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in ("Rss", "Pss"):
                    value = int(rest.split()[0]) / KIB
                    rss, pss = (rss + value, pss) if name == "Rss" else (rss, pss + value)
    return Memory(rss, pss)


def peak_mib(pid: int) -> float:
    """Return the most resident memory of one process since :func:`forget_peak`."""
    return _status(pid, "VmHWM") / KIB


def forget_peak(pid: int) -> None:
    """Begin a new peak (proc(5): ``clear_refs``)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def threads(pid: int) -> int:
    """Return how many threads a process has."""
    return _status(pid, "Threads")


def processor_s(pid: int) -> float:
    """Return the processor time of a process and of all children that it has collected."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(value) for value in fields[11:15]) / TICKS


def clock_s(pid: int) -> float:
    """Return the processor time of one process to the nanosecond (clock_getcpuclockid(3))."""
    return time.clock_gettime(~pid << 3 | 2)


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise ValueError(f"no {name} of process {pid}")


class Children:
    """Looks at the children of a process, twenty times a second, for the most that they held."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._end = threading.Event()
        self.peaks: dict[str, float] = {}
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Look no more."""
        self._end.set()
        self._thread.join()

    def __str__(self) -> str:
        return ", ".join(f"{name} {mib:.0f}" for name, mib in sorted(self.peaks.items())) or "none"

    def _watch(self) -> None:
        while not self._end.wait(0.05):
            for child in tree(self._pid):
                if child != self._pid:
                    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
                        name = Path(f"/proc/{child}/comm").read_text().strip()
                        mib = _status(child, "VmRSS") / KIB
                        self.peaks[name] = max(self.peaks.get(name, 0.0), mib)
