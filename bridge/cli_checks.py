"""Looking whether everything is as it should be."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import click

from bridge.cli_support import Failed, as_json, chosen_file, clean, opened, settings, tell
from bridge.core import clock
from bridge.core.config import DEFAULT_FILE, Settings
from bridge.core.errors import BridgeError

_LEAST_FREE_BYTES = 1_000_000_000


@click.group()
def procedures() -> None:
    """Check definitions of procedures."""


@procedures.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@as_json
def check_procedures(files: tuple[Path, ...], as_json: bool) -> None:
    """Check procedure FILES and say what is wrong in them.

    The exit code is 1 if anything is.
    """
    from bridge.plugging import load
    from bridge.procedures.service import check

    # A plugin's kinds of steps are as good as the built-in ones.
    kinds = load(settings()).register_step_kinds()
    problems = {str(file): found for file, found in check(files, kinds).items()}
    if as_json:
        click.echo(json.dumps({"problems": problems}, ensure_ascii=False))
    for name, found in problems.items():
        for problem in found:
            click.echo(f"{name}: {problem}", err=True)
        if not found and not as_json:
            click.echo(f"{name}: sound")
    if any(problems.values()):
        raise SystemExit(1)


@click.group()
def audit() -> None:
    """Check the record of who did what, and when."""


@audit.command("verify")
@as_json
@clean
def verify_audit(as_json: bool) -> None:
    """Check that no entry of the audit was changed.

    Its chain is followed from the first entry to the last; the exit code is 1 if it is broken.
    """
    from bridge.audit.models import Head
    from bridge.audit.service import verify

    with opened(settings()) as database, database.reading() as db:
        broken = verify(db)
        head = db.get(Head, 1)
        count = head.number if head else 0
    facts = {"entries": count, "first_broken": broken}
    if broken is None:
        tell(facts, f"All {count} entries are as they were written.")
        return
    if as_json:
        tell(facts, "")
    raise Failed(f"Entry {broken} is not as it was written: compare with a backup.")


@click.command()
@as_json
@clean
def doctor(as_json: bool) -> None:
    """Check the installation and say what is wrong.

    Configuration, disk, keys, database, audit, counters, Redis and plugins. The exit code is 1 if
    anything is wrong.
    """
    chosen = settings()
    made = _CHECKS_OF_WHAT_IS_MADE if _is_made(chosen) else {"installation": _say_not_made}
    checks = {"configuration": _say_configuration, **made, **_OTHER_CHECKS}
    results = {name: _outcome(check, chosen) for name, check in checks.items()}
    if as_json:
        plain = {name: {"ok": ok, "said": said} for name, (ok, said) in results.items()}
        click.echo(json.dumps(plain, ensure_ascii=False))
    else:
        for name, (ok, said) in results.items():
            click.echo(f"{'ok   ' if ok else 'wrong'} {name}: {said}")
    if not all(ok for ok, _ in results.values()):
        raise SystemExit(1)


def _is_made(chosen: Settings) -> bool:
    """Say whether there is an installation, as far as this account may look."""
    if not os.access(chosen.data_dir, os.F_OK):
        return False
    # What init makes first; a single key that is lost is another thing than no installation.
    may_look = os.access(chosen.data_dir, os.R_OK | os.X_OK)
    return not may_look or chosen.documents_dir.exists() or chosen.keys_dir.exists()


def _say_not_made(chosen: Settings) -> str:
    raise Failed(
        f"No bridge is set up in {chosen.data_dir}: run 'oac-bridge init', or put a backup back."
    )


def _outcome(check: Callable[[Settings], str], chosen: Settings) -> tuple[bool, str]:
    from sqlalchemy.exc import DBAPIError

    try:
        return True, check(chosen)
    except (BridgeError, Failed) as error:
        return False, str(error)
    except DBAPIError as error:
        return False, str(error.orig)


def _say_configuration(_chosen: Settings) -> str:
    file = chosen_file()
    if file is None and not DEFAULT_FILE.exists():
        return f"no file; {DEFAULT_FILE} would be read. Defaults and environment count"
    return str(file or DEFAULT_FILE)


def _check_folder(chosen: Settings) -> str:
    if not os.access(chosen.data_dir, os.W_OK):
        raise Failed(f"{chosen.data_dir} cannot be written: run 'oac-bridge init', or give rights.")
    free = shutil.disk_usage(chosen.data_dir).free
    if free < _LEAST_FREE_BYTES:
        raise Failed(f"{chosen.data_dir} has only {free // 1_000_000} MB free: make room.")
    return f"{chosen.data_dir}, {free // 1_000_000_000} GB free"


def _check_keys(chosen: Settings) -> str:
    from bridge.core.keys import NAMES, load_key

    for name in NAMES:
        load_key(chosen, name)
    for file in chosen.keys_dir.glob("*.key"):
        if file.stat().st_mode & 0o077:
            raise Failed(f"{file} can be read by others: chmod 600 it.")
    return ", ".join(NAMES)


def _check_database(chosen: Settings) -> str:
    with opened(chosen) as database:
        return database.engine.url.render_as_string(hide_password=True)


def _check_audit(chosen: Settings) -> str:
    from bridge.audit.service import verify

    with opened(chosen) as database, database.reading() as db:
        broken = verify(db)
    if broken is not None:
        raise Failed(f"Entry {broken} is not as it was written: compare with a backup.")
    return "unbroken"


def _check_counters(chosen: Settings) -> str:
    from sqlalchemy import select

    from bridge.counters.models import Counter
    from bridge.counters.service import is_agent_there

    with opened(chosen) as database, database.reading() as db:
        found = db.scalars(select(Counter).order_by(Counter.key)).all()
    strangers = sorted(chosen.jobs.camera_width_mm_at.keys() - {one.key for one in found})
    if strangers:
        raise Failed(
            f"jobs.camera_width_mm_at names {', '.join(strangers)}, and no counter is called so."
        )
    if not found:
        return "none yet: 'oac-bridge add-counter KEY'"
    now = clock.now()
    return ", ".join(
        f"{one.key} {one.state.value}{'' if is_agent_there(one, now=now) else ', no agent'}"
        for one in found
    )


def _check_redis(chosen: Settings) -> str:
    if not chosen.redis_url:
        return "not used"
    try:
        import redis
    except ModuleNotFoundError as error:
        raise Failed("redis_url is set: install the extra 'redis'.") from error
    try:
        redis.Redis.from_url(chosen.redis_url, socket_timeout=3).ping()
    except redis.RedisError as error:
        raise Failed(f"Redis does not answer ({error}).") from error
    return "answers"


def _check_meetings(chosen: Settings) -> str:
    if chosen.meeting.provider == "direct":
        return "direct, between the two browsers: for a trial"
    # Only from outside is seen what citizens and clerks meet with.
    return f"by {chosen.meeting.domain}; whether that server is right says 'oac-jitsi doctor'"


def _check_plugins(chosen: Settings) -> str:
    from bridge.plugging import load
    from counter_hooks import kit

    found = [SimpleNamespace(**one) for one in kit.told(load(chosen), chosen.data_dir)]
    refused = [f"{one.name} ({one.reason})" for one in found if one.is_off or not one.loaded]
    if refused:
        raise Failed(f"Not used: {', '.join(refused)}.")
    return ", ".join(one.name for one in found)


_CHECKS_OF_WHAT_IS_MADE: dict[str, Callable[[Settings], str]] = {
    "data folder": _check_folder,
    "keys": _check_keys,
    "database": _check_database,
    "audit": _check_audit,
    "counters": _check_counters,
}
_OTHER_CHECKS: dict[str, Callable[[Settings], str]] = {
    "redis": _check_redis,
    "plugins": _check_plugins,
    "meetings": _check_meetings,
}
