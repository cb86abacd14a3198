"""What an installation changes: shown, made, and undone, one whole file at a time.

A record of what is about to be made is written before the first change, and every file is replaced
by a rename. Whatever a stop in the middle leaves behind, the next run finds and finishes.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from jitsi_oac_plugin.errors import InstallFailed, LayoutUnknown
from jitsi_oac_plugin.install import edits

RECORD = Path("var/lib/oac-jitsi/installed.json")
_SUFFIX = ".oac-new"
_SECRET = re.compile(r"""((?:secret|password)\w*"?\s*[=:]\s*)("[^"\n]*"|'[^'\n]*'|[^\s;]+)""", re.I)


class Record(TypedDict):
    """What is ours: files by their digests, our pieces in the files of others, new folders.

    ``answers`` are what was said when it was installed, for whoever runs it again.
    """

    files: dict[str, list[str]]
    edited: dict[str, list[str]]
    folders: list[str]
    answers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A file as it shall be. ``before`` None: it is ours alone, otherwise it holds pieces of ours.

    ``after`` None: it is ours and goes.
    """

    path: Path
    after: bytes | None
    before: bytes | None = None
    mode: int = 0o644
    group: str = ""
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes below ``root``; ``remarks`` are sentences that a person should read."""

    root: Path
    changes: tuple[Change, ...]
    remarks: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)

    def pending(self) -> list[Change]:
        """Return the changes that are still to be made, the files of others last."""
        kept = {path for path, _ in changed_since(self.root)}
        return [
            one for one in self.changes if one.path not in kept and not _is_made(self.root, one)
        ]

    def differences(self) -> Iterator[str]:
        """Yield what would change, line by line as a unified diff; no secret is in it."""
        for one in self.pending():
            where = self.root / one.path
            old = where.read_bytes() if where.exists() else b""
            if one.after is None:
                yield f"--- /{one.path} (removed)\n"
                continue
            if one.is_secret:
                yield f"+++ /{one.path} (mode {one.mode:04o}, group {one.group}; not shown)\n"
                continue
            yield from difflib.unified_diff(
                _masked(old),
                _masked(one.after),
                f"/{one.path}" if where.exists() else "/dev/null",
                f"/{one.path}",
            )


def apply(plan: Plan, verify: Callable[[], str] = lambda: "") -> None:
    """Make the pending changes; when ``verify`` then returns a complaint, undo them all."""
    pending = plan.pending()
    before = {one.path: _content(plan.root / one.path) for one in pending}
    record_before = _content(plan.root / RECORD)
    _write_record(plan)
    try:
        for one in pending:
            _put(plan.root, one)
        complaint = verify()
    except OSError as error:
        complaint = f"{error.filename}: {error.strerror}"
    if complaint:
        for one in reversed(pending):
            _give_back(plan.root, one, before[one.path])
        if record_before is None:
            _forget(plan.root)
        else:
            (plan.root / RECORD).write_bytes(record_before)
        raise InstallFailed(f"Nothing was changed, because it would not work: {complaint}")


def changed_since(root: Path) -> list[tuple[Path, str]]:
    """Return our own files that somebody changed, each with the sentence to say about it."""
    found = []
    for name, digest in read_record(root)["files"].items():
        content = _content(root / name)
        if content is not None and _digest(content) not in digest:
            found.append((Path(name), f"/{name} was changed by hand and is kept as it is."))
    return found


def undo(root: Path) -> list[str]:
    """Take everything out again; return a sentence for each thing that was kept, and where."""
    record = read_record(root)
    if not record["files"]:
        # All that a stop in the last moment can leave.
        _drop_empty([(root / RECORD).parent])
        raise LayoutUnknown("Nothing of oac-jitsi is installed here; there is nothing to take out.")
    kept: list[str] = []
    for name, pieces in record["edited"].items():
        kept += _take_out(root, Path(name), pieces)
    for name, digests in record["files"].items():
        kept += _remove(root, Path(name), digests)
    _forget(root)
    return kept


def read_record(root: Path) -> Record:
    """Return the record of what is installed below ``root``; empty when nothing is."""
    content = _content(root / RECORD)
    try:
        kept = json.loads(content) if content else {}
        return Record(**{"files": {}, "edited": {}, "folders": [], "answers": {}, **kept})
    except (ValueError, TypeError) as error:
        raise LayoutUnknown(f"/{RECORD} is damaged: please take it from a backup.") from error


def group_id(root: Path, name: str) -> int:
    """Return the number of a group of the system below ``root``; -1 for no name."""
    if not name:
        return -1
    if name not in (known := _groups(root)):
        raise LayoutUnknown(f"There is no group {name} here: please install {name} first.")
    return known[name]


def has_group(root: Path, name: str) -> bool:
    """Return whether the system below ``root`` knows a group."""
    return name in _groups(root)


def _groups(root: Path) -> dict[str, int]:
    lines = (root / "etc/group").read_text().splitlines()
    return {parts[0]: int(parts[2]) for line in lines if len(parts := line.split(":")) > 2}


def restored(root: Path) -> Iterator[str]:
    """Yield what ``undo`` would change, as a diff; files that would go are named."""
    record = read_record(root)
    for name in record["edited"]:
        if (content := _content(root / name)) is not None:
            bare = edits.strip(content.decode(), name=f"/{name}").text.encode()
            yield from difflib.unified_diff(_masked(content), _masked(bare), f"/{name}", f"/{name}")
    for name in record["files"]:
        if (root / name).exists():
            yield f"--- /{name} (removed)\n"


def _take_out(root: Path, name: Path, pieces: list[str]) -> list[str]:
    content = _content(root / name)
    if content is None:
        return []
    found = edits.strip(content.decode(), name=f"/{name}")
    if found.text.encode() != content:
        _replace(root / name, found.text.encode(), like=root / name)
    if not found.pieces and pieces:
        return [f"/{name} had no piece of ours any more; please look at what it says now."]
    foreign = [piece for piece in found.pieces if piece not in pieces]
    if not foreign:
        return []
    kept = root / f"{name}.oac-kept"
    kept.write_text("".join(f"{piece}\n" for piece in foreign))
    kept.chmod(0o600)
    return [f"/{name}: our piece was changed by hand; what it said is in /{name}.oac-kept."]


def _remove(root: Path, name: Path, digests: list[str]) -> list[str]:
    where = root / name
    content = _content(where)
    where.with_name(where.name + _SUFFIX).unlink(missing_ok=True)
    if content is None:
        return []
    if _digest(content) in digests:
        where.unlink()
        return []
    where.rename(where.with_name(where.name + ".oac-kept"))
    return [f"/{name} was changed by hand; it is kept as /{name}.oac-kept."]


def _is_made(root: Path, one: Change) -> bool:
    where = root / one.path
    return _content(where) == one.after and (
        one.after is None or one.before is not None or where.stat().st_mode & 0o777 == one.mode
    )


def _put(root: Path, one: Change) -> None:
    where = root / one.path
    if one.after is None:
        where.unlink()
        return
    where.parent.mkdir(parents=True, exist_ok=True)
    if one.before is not None:
        _replace(where, one.after, like=where)
        return
    _replace(where, one.after, mode=one.mode, gid=group_id(root, one.group))


def _give_back(root: Path, one: Change, content: bytes | None) -> None:
    where = root / one.path
    if content is None:
        where.unlink(missing_ok=True)
    elif where.exists():
        _replace(where, content, like=where)
    else:
        _replace(where, content, mode=one.mode, gid=group_id(root, one.group))


def _replace(
    where: Path, content: bytes, *, like: Path | None = None, mode: int = 0, gid: int = -1
) -> None:
    made = where.with_name(where.name + _SUFFIX)
    made.unlink(missing_ok=True)
    # It is never readable by more people than the file itself, not even for a moment.
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if like:
        now = like.stat()
        mode = now.st_mode & 0o7777
        if os.geteuid() == 0:
            os.chown(made, now.st_uid, now.st_gid)
    elif gid >= 0 and os.geteuid() == 0:
        os.chown(made, 0, gid)
    made.chmod(mode)
    made.replace(where)


def _write_record(plan: Plan) -> None:
    record = read_record(plan.root)
    record["answers"] = plan.answers
    for where in [*(plan.root / one.path for one in plan.changes), plan.root / RECORD]:
        missing = [p for p in where.relative_to(plan.root).parents if not (plan.root / p).exists()]
        known = record["folders"]
        record["folders"] = known + [str(path) for path in missing if str(path) not in known]
    for one in plan.changes:
        name = str(one.path)
        if one.after is None:
            # It stays written down: a stop may leave it where it stands.
            continue
        if one.before is None:
            # Both what stands there and what shall: either may be found after a stop.
            known = [d for d in record["files"].get(name, []) if _stands(plan.root / name, d)]
            record["files"][name] = [*dict.fromkeys([*known, _digest(one.after)])]
        else:
            # Pieces of an older version may still stand there after a stop.
            pieces = edits.strip(one.after.decode(), name=f"/{name}").pieces
            record["edited"][name] = sorted({*record["edited"].get(name, []), *pieces})
    (plan.root / RECORD).parent.mkdir(parents=True, exist_ok=True)
    _replace(plan.root / RECORD, json.dumps(record, indent=1).encode(), mode=0o600)


def _stands(where: Path, digest: str) -> bool:
    content = _content(where)
    return content is not None and _digest(content) == digest


def _forget(root: Path) -> None:
    folders = [root / name for name in read_record(root)["folders"]]
    folders.sort(key=lambda path: -len(path.parts))
    _drop_empty(folders)
    for leaf in (RECORD, RECORD.with_name(RECORD.name + _SUFFIX)):
        (root / leaf).unlink(missing_ok=True)
    _drop_empty([*folders, (root / RECORD).parent])


def _drop_empty(folders: list[Path]) -> None:
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _content(where: Path) -> bytes | None:
    return where.read_bytes() if where.is_file() else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _masked(content: bytes) -> list[str]:
    return _SECRET.sub(r'\1"…"', content.decode(errors="replace")).splitlines(keepends=True)
