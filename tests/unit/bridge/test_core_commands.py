"""The commands: every verb works, says facts as JSON, and fails with one sentence."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import bridge
from bridge.cli import main
from bridge.core import clock
from bridge.core.db import Database
from bridge.core.events import Events
from bridge.counters import pairing
from bridge.counters.service import counter_by_key
from bridge.offices import service as offices
from tests.makers import settings_in


class Installation:
    """An installation in a folder, worked on by the real commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, stdin: str | None = None) -> Result:
        """Run a verb; whatever it raises is a failure of the test."""
        environment = {"OAC_DATA_DIR": str(self.folder)}
        result = CliRunner().invoke(main, words, env=environment, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def facts(self, *words: str, stdin: str | None = None) -> dict[str, Any]:
        """Run a verb that succeeds and return its facts."""
        result = self.run(*words, "--json", stdin=stdin)
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Open its database, and close every connection to it afterwards."""
        database = Database(settings_in(self.folder).database, Events())
        yield database
        database.engine.dispose()


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    """Give a place where nothing is installed yet."""
    return Installation(tmp_path / "data")


@pytest.fixture
def made(place: Installation) -> Installation:
    """Give an installation."""
    place.facts("init", "--password-stdin", stdin="a long enough password\n")
    return place


def _fails(result: Result, sentence: str) -> None:
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr


def test_init_makes_everything_once(place: Installation) -> None:
    """The first init makes keys, database, office and a supervisor; the second keeps them."""
    first = place.facts("init")
    assert first["keys_made"] == ["documents"]
    assert len(first["password"]) >= 10
    with place.database() as database, database.reading() as db:
        assert offices.check_password(db, "supervisor", first["password"]).name == "supervisor"
    second = place.facts("init")
    assert (second["keys_made"], second["supervisor"]) == ([], None)
    assert "password" not in second


@pytest.mark.parametrize(
    "words",
    [
        ["add-clerk", "x"],
        ["add-counter", "x"],
        ["pair", "AAAA-AAAA"],
        ["audit", "verify"],
        ["backup", "x.tar"],
    ],
)
def test_nothing_works_before_init(place: Installation, words: list[str]) -> None:
    """Every verb says that init comes first."""
    place.folder.mkdir()
    _fails(place.run(*words), "oac-bridge init")


def test_adding_people(made: Installation) -> None:
    """A clerk can sign in with the password that was printed, or given on standard input."""
    facts = made.facts("add-clerk", "empar", "--name", "Empar", "--role", "clerk_plus")
    result = made.run("add-clerk", "joan", "--password-stdin", stdin="another long password\n")
    assert result.exit_code == 0
    with made.database() as database, database.reading() as db:
        assert offices.check_password(db, "empar", facts["password"]).role.value == "clerk_plus"
        assert offices.check_password(db, "joan", "another long password").name == "joan"
    _fails(made.run("add-clerk", "EMPAR"), "Somebody else has this name. (login: empar)")
    _fails(made.run("add-clerk", "x", "--password-stdin", stdin="short\n"), "at least 10 char")
    _fails(made.run("add-clerk", "Àngel Ñ"), "A sign-in name needs small letters")
    assert made.run("add-clerk", "x", "--role", "king").exit_code == 2


def test_adding_and_pairing_a_counter(made: Installation) -> None:
    """A code that a screen shows is approved for the counter that it or the command names."""
    assert made.facts("add-counter", "counter-1", "--name", "Counter 1")["key"] == "counter-1"
    _fails(made.run("add-counter", "counter-1"), "choose another key")
    _fails(made.run("add-counter", "Counter 2"), "small letters, digits and hyphens")
    with made.database() as database, database.transaction() as db:
        offer = pairing.start_pairing(db, "agent", None, now=clock.now())
    _fails(made.run("pair", "AAAA-AAAA"), "please look again")
    _fails(made.run("pair", offer.code), "which counter")
    facts = made.facts("pair", offer.code, "--counter", "counter-1")
    assert facts == {"kind": "agent", "counter": "counter-1"}
    with made.database() as database, database.transaction() as db:
        paired = pairing.claim(db, offer.claim, now=clock.now())
    assert paired is not None
    with made.database() as database, database.reading() as db:
        assert counter_by_key(db, "counter-1").id == paired.counter_id


def test_migrating_twice_is_fine(made: Installation) -> None:
    """A database that is up to date stays as it is."""
    facts = made.facts("migrate")
    assert facts["from"] == facts["to"]


def test_the_audit_is_verified(made: Installation) -> None:
    """A whole chain is exit 0; a change is exit 1 and named."""
    assert made.facts("audit", "verify") == {"entries": 2, "first_broken": None}
    with made.database() as database, database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_entries_no_update")
        connection.exec_driver_sql("UPDATE audit_entries SET tag = 'x:y' WHERE number = 2")
    _fails(made.run("audit", "verify"), "Entry 2 is not as it was written")
    assert made.run("doctor").exit_code == 1


def test_backup_and_restore(made: Installation, tmp_path: Path) -> None:
    """What was backed up is whole in another place: people, keys, documents, audit."""
    (made.folder / "documents" / "visit").mkdir(parents=True)
    (made.folder / "documents" / "visit" / "page").write_bytes(b"sealed")
    file = tmp_path / "backup.tar"
    made.facts("backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    _fails(made.run("backup", str(file)), "exists")
    _fails(
        made.run("backup", str(tmp_path / "none" / "x.tar")), f"{tmp_path / 'none'} is no folder"
    )
    other = Installation(tmp_path / "other")
    other.facts("restore", str(file))
    with other.database() as database, database.reading() as db:
        offices.check_password(db, "supervisor", "a long enough password")
    for name in ("documents/visit/page", "keys/documents.key"):
        assert (other.folder / name).read_bytes() == (made.folder / name).read_bytes()
    assert (other.folder / "keys" / "documents.key").stat().st_mode & 0o777 == 0o600
    assert other.run("doctor").exit_code == 0
    _fails(other.run("restore", str(file)), "is not empty")


def test_a_backup_goes_on_while_files_come_and_go(
    made: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the bridge erases or finishes after it was listed stops no backup."""
    visit = made.folder / "documents" / "visit"
    visit.mkdir()
    for name in ("a", "b", "c", ".d.0123abcd"):
        (visit / name).write_bytes(b"sealed")
    taken: list[str] = []
    add = tarfile.TarFile.addfile

    def add_beside_the_bridge(tar: tarfile.TarFile, entry: tarfile.TarInfo, *more: Any) -> None:
        add(tar, entry, *more)
        if entry.name.startswith("documents/visit/"):
            taken.append(entry.name.removeprefix("documents/visit/"))
            for name in {"a", "b", "c"} - set(taken):
                (visit / name).unlink(missing_ok=True)
            if len(taken) == 1:
                (visit / ".d.0123abcd").rename(visit / "d")

    monkeypatch.setattr(tarfile.TarFile, "addfile", add_beside_the_bridge)
    file = tmp_path / "backup.tar"
    made.facts("backup", str(file))
    assert len(taken) == 1
    other = Installation(tmp_path / "other")
    other.facts("restore", str(file))
    assert [one.name for one in (other.folder / "documents" / "visit").iterdir()] == taken


def test_only_a_backup_is_restored(place: Installation, tmp_path: Path) -> None:
    """A file that is no backup, or tries to leave the folder, changes nothing."""
    rubbish = tmp_path / "rubbish.tar"
    rubbish.write_bytes(b"rubbish")
    _fails(place.run("restore", str(rubbish)), "cannot be unpacked")
    other = tmp_path / "other.tar"
    with tarfile.open(other, "w") as tar:
        tar.add(rubbish, "rubbish")
    _fails(place.run("restore", str(other)), "is no backup of a bridge")
    evil = tmp_path / "evil.tar"
    with tarfile.open(evil, "w") as tar:
        for name in ("backup.json", "bridge.sqlite", "../outside"):
            tar.add(rubbish, name)
    _fails(place.run("restore", str(evil)), "holds ../outside")
    assert not place.folder.exists()
    assert not (tmp_path / "outside").exists()


def test_the_doctor_finds_what_is_wrong(made: Installation, place: Installation) -> None:
    """A sound installation is exit 0; a lost key and an open one are named."""
    facts = made.facts("doctor")
    assert {one["ok"] for one in facts.values()} == {True}
    key = made.folder / "keys" / "documents.key"
    key.chmod(0o644)
    assert "chmod 600" in made.run("doctor").output
    key.unlink()
    result = made.run("doctor")
    assert result.exit_code == 1
    assert "wrong keys" in result.output


def test_what_was_never_made_is_one_line_of_the_doctors(place: Installation) -> None:
    """One missing ``init`` is said once, with the folder, and not once for each thing it makes."""
    place.folder.mkdir(exist_ok=True)
    result = place.run("doctor")
    assert result.exit_code == 1
    (wrong,) = [line for line in result.output.splitlines() if line.startswith("wrong")]
    assert f"No bridge is set up in {place.folder}: run 'oac-bridge init'" in wrong


def test_the_doctor_knows_no_camera_of_a_counter_that_is_none(
    made: Installation, tmp_path: Path
) -> None:
    """A key that was mistyped in the camera's widths is named."""
    made.facts("add-counter", "counter-1")
    file = tmp_path / "bridge.toml"
    file.write_text("[jobs]\ncamera_width_mm_at = { counter-1 = 210, counter-9 = 210 }\n")
    told = made.run("--config", str(file), "doctor").output
    assert "camera_width_mm_at names counter-9, and no counter" in told


def test_the_doctor_says_where_the_settings_are_from(made: Installation, tmp_path: Path) -> None:
    """Without a file it says so and which one would be read; a file is named."""
    assert "no file; /etc/oac/bridge.toml" in made.facts("doctor")["configuration"]["said"]
    file = tmp_path / "bridge.toml"
    file.write_text('language = "es"\n')
    result = made.run("--config", str(file), "doctor")
    assert f"configuration: {file}" in result.output


def test_the_doctor_sends_to_the_meeting_servers_own(made: Installation, tmp_path: Path) -> None:
    """With a Jitsi server it names it, and the command that looks at it."""
    assert made.facts("doctor")["meetings"]["said"].startswith("direct")
    file = tmp_path / "bridge.toml"
    secret = "s" * 40
    file.write_text(
        f'[meeting]\nprovider = "jitsi"\ndomain = "meet.example"\napp_id = "oac"\n'
        f'app_secret = "{secret}"\n'
    )
    said = made.run("--config", str(file), "doctor").output
    assert "by meet.example; whether that server is right says 'oac-jitsi doctor'" in said


def test_plugins_are_listed(made: Installation) -> None:
    """The built-in plugins are there, with their hooks."""
    found = {one["name"]: one for one in made.facts("plugins")["plugins"]}
    assert found["fifo"]["loaded"]
    assert "next_ticket" in found["fifo"]["hooks"]


def test_procedures_are_checked(made: Installation, tmp_path: Path) -> None:
    """A sound file is exit 0; an unsound one is exit 1 with what is wrong."""
    folder = Path(bridge.__file__).parent / "procedures" / "definitions"
    sound = [str(file) for file in sorted(folder.glob("*.toml"))]
    assert made.run("procedures", "check", *sound).exit_code == 0
    unsound = tmp_path / "unsound.toml"
    unsound.write_text("key = 3\n")
    result = made.run("procedures", "check", str(unsound))
    assert result.exit_code == 1
    assert "unsound.toml: " in result.stderr


def test_mistakes_in_the_configuration_are_one_sentence(made: Installation, tmp_path: Path) -> None:
    """All mistakes are told at once, by every verb."""
    file = tmp_path / "bridge.toml"
    file.write_text('port = "x"\ncolour = "red"\n')
    result = made.run("--config", str(file), "doctor")
    _fails(result, "colour: there is no such setting")
    assert "port: " in result.stderr


def test_every_verb_has_help(place: Installation) -> None:
    """--help and --version work without an installation."""
    for name in main.commands:
        assert place.run(name, "--help").exit_code == 0
    assert "serve" in place.run("--help").output
    assert place.run("--version").output.startswith("oac-bridge, version ")
