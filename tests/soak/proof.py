"""Holds what the devices kept against what the bridge keeps, and looks for what was left over."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections import Counter as Count
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from bridge.counters.models import DeviceJob
from bridge.documents.models import DocumentPage
from deploy.stage.records import Records
from tests.soak.counter import Counter
from tests.soak.devices import read_mark
from tests.soak.people import ENDS

CAME_OUT = frozenset({"produced", "confirmed"})
MOST_TOLD = 20
# A lane for each of two devices, the uploads, and a message that is being dealt with.
MORE_THREADS, MORE_FILES = 5, 8


@dataclass(slots=True)
class Verdict:
    """What was found: figures, and each thing that must not be."""

    figures: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return it as lines."""
        lines = [f"{name:44} {value}" for name, value in self.figures.items()]
        lines += [f"WRONG {one}" for one in self.wrong[:MOST_TOLD]]
        if len(self.wrong) > MOST_TOLD:
            lines.append(f"… and {len(self.wrong) - MOST_TOLD} more")
        return "\n".join([*lines, "not proved" if self.wrong else "proved"])


@dataclass(frozen=True, slots=True)
class Holding:
    """How many threads and open files a process has."""

    threads: int
    files: int

    @classmethod
    def of(cls, pid: int) -> Holding:
        """Count them."""
        process = Path(f"/proc/{pid}")
        return cls(*(len(list((process / name).iterdir())) for name in ("task", "fd")))


def judge(counters: Sequence[Counter], records: Records) -> Verdict:
    """Return what is to be said about pages, papers and jobs."""
    verdict = Verdict()
    jobs = {job.id: job for kind in ("scan", "print") for job in records.jobs(kind)}
    _jobs(counters, jobs, verdict)
    _pages(counters, records, verdict)
    _papers(counters, jobs, verdict)
    for counter in counters:
        verdict.wrong += counter.tally.complaints
    return verdict


def _jobs(counters: Sequence[Counter], jobs: dict[str, DeviceJob], verdict: Verdict) -> None:
    states = Count(job.state.value for job in jobs.values())
    verdict.figures |= {f"jobs {state}": number for state, number in sorted(states.items())}
    verdict.figures["jobs refused, the device being away"] = sum(
        one.tally.refused for one in counters
    )
    stopped = {job for counter in counters for job in counter.tally.cancelled}
    for job in jobs.values():
        told = f"job {job.id} ({job.kind} on {job.device_id}) is {job.state.value}"
        if job.state.value not in ENDS:
            verdict.wrong.append(f"{told}: it has no end")
        elif job.state.value == "failed" and not job.reason:
            verdict.wrong.append(f"{told}, and nobody says why")
        elif job.state.value == "cancelled" and job.id not in stopped:
            verdict.wrong.append(f"{told}, and nobody stopped it")
    reasons = Count(job.reason for job in jobs.values() if job.state.value == "failed")
    verdict.figures |= {f"failed: {reason}": n for reason, n in sorted(reasons.items(), key=str)}


def _pages(counters: Sequence[Counter], records: Records, verdict: Verdict) -> None:
    kept: dict[str, list[DocumentPage]] = {}
    for page in records.pages():
        kept.setdefault(page.job_id, []).append(page)
    reported, in_doubt, at_bridge = 0, 0, sum(len(pages) for pages in kept.values())
    for counter in counters:
        for job, lines in _by_job(counter.ledger).items():
            pages = kept.pop(job, [])
            told = [(line["number"], line["sha256"]) for line in lines if line["what"] == "page"]
            reported += len(told)
            found = Count((page.number, page.sha256) for page in pages)
            for one in told:
                if found.pop(one, 0) != 1:
                    verdict.wrong.append(f"page {one} of {job} at {counter.key} is not there once")
            # The agent died while a page was handed over: its driver never heard that it was taken.
            in_doubt += found.total()
            closing = sum(line["what"] == "closing" for line in lines)
            if found.total() > closing - len(told):
                verdict.wrong.append(f"pages {found} of {job} at {counter.key} came from nowhere")
            counter.sheets.update(_sheets(counter, pages, records, verdict))
        verdict.wrong += [
            f"sheet {serial} of {counter.key} is there {times} times"
            for serial, times in counter.sheets.items()
            if times > 1 or serial >> 16 != counter.number + 1
        ]
    verdict.wrong += [f"pages of {job} came from nowhere" for job in kept]
    verdict.figures["pages that drivers reported"] = reported
    verdict.figures["pages besides, the agent killed as it took them"] = in_doubt
    verdict.figures["pages at the bridge"] = at_bridge


def _sheets(
    counter: Counter, pages: Sequence[DocumentPage], records: Records, verdict: Verdict
) -> Iterator[int]:
    """Yield the numbers that are drawn on the pages, as they lie at the bridge."""
    for page in pages:
        content = records.content(page.document_id, page.id)
        if hashlib.sha256(content).hexdigest() != page.sha256:
            verdict.wrong.append(f"page {page.id} is not what its hash says")
        if counter.devices.has_marks:
            with Image.open(io.BytesIO(content)) as image:
                yield read_mark(image, page.dpi)


def _papers(counters: Sequence[Counter], jobs: dict[str, DeviceJob], verdict: Verdict) -> None:
    papers = Count(job for counter in counters for job in counter.devices.papers())
    late = 0
    for job in jobs.values():
        if job.kind != "print":
            continue
        times = papers.pop(job.id, 0)
        if times > 1:
            verdict.wrong.append(f"print {job.id} on {job.device_id} came out {times} times")
        elif job.state.value in CAME_OUT and not times:
            verdict.wrong.append(f"print {job.id} on {job.device_id} is said to have come out")
        elif job.state.value not in CAME_OUT and times:
            late += 1
    verdict.wrong += [f"paper of {job} came out without a job" for job in papers]
    verdict.figures["papers that came out"] = sum(
        len(counter.devices.papers()) for counter in counters
    )
    verdict.figures["of them, reported as not printed"] = late


def left_over(folder: Path, counters: Sequence[Counter]) -> list[str]:
    """Return the processes and files that should be gone when everything has ended."""
    found = [f"process {pid}: {command}" for pid, command in _processes(folder)]
    for counter in counters:
        for place in (counter.disk.folder / "spool", counter.disk.folder / "work"):
            found += [f"file {path}" for path in place.rglob("*")]
        found += [f"file {path}" for path in counter.temporary.rglob("*")]
    return found


def grown(counter: Counter, before: Holding) -> list[str]:
    """Return what a counter's agent holds more of than is needed."""
    now = Holding.of(counter.agent_pid())
    found = []
    if now.threads > before.threads + MORE_THREADS:
        found.append(
            f"{counter.key}: {now.threads} threads in the agent, {before.threads} at first"
        )
    if now.files > before.files + MORE_FILES:
        found.append(f"{counter.key}: {now.files} open files in the agent, {before.files} at first")
    return found


def has_settled(counter: Counter) -> bool:
    """Say whether an agent has no page left to bring."""
    return not any((counter.disk.folder / "spool").rglob("*.*"))


def _by_job(ledger: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in ledger.read_text().splitlines() if ledger.exists() else ():
        entry = json.loads(line)
        found.setdefault(entry["job"], []).append(entry)
    return found


def _processes(folder: Path) -> Iterator[tuple[int, str]]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            traces = command + (process / "environ").read_bytes()
        except OSError:
            continue  # it ended meanwhile, or is not ours
        if str(folder).encode() in traces and int(process.name) != os.getpid():
            yield int(process.name), command.replace(b"\0", b" ").decode(errors="replace")[:200]
