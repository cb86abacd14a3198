"""Two starts in a row that do not last make the next one safe; the file is small and forgiving."""

from __future__ import annotations

from pathlib import Path

import pytest

from counter_hooks import TicketView, hookimpl, kit
from counter_hooks.errors import PluginRefused
from counter_hooks.guard import MOST_FAILURES, Wish
from counter_hooks.loading import PluginState
from counter_hooks.record import NAME, Record, read
from counter_hooks.registry import BridgeRegistry


def test_two_failed_starts_make_the_next_one_safe(tmp_path: Path) -> None:
    """The third start is safe; once one lasted, the next is an ordinary one."""
    assert [Record(tmp_path).begin() for _ in range(3)] == [False, False, True]
    lasting = Record(tmp_path)
    assert lasting.begin()
    lasting.succeeded()
    assert not Record(tmp_path).begin()


@pytest.mark.parametrize(
    "content", ["", "no json", "[]", '{"failed_starts": "many"}', '{"failed_starts": -1}']
)
def test_a_damaged_file_is_begun_anew(tmp_path: Path, content: str) -> None:
    """Whatever is in the file, the program starts."""
    (tmp_path / NAME).write_text(content)
    assert not Record(tmp_path).begin()
    assert read(tmp_path)["failed_starts"] == 1


def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    """A record that cannot be kept keeps nobody from starting."""
    assert not Record(tmp_path / "absent").begin()
    assert read(tmp_path / "absent") == {}


class Broken:
    """A plugin that fails whenever it is told something."""

    @hookimpl
    def ticket_called(self, ticket: TicketView) -> None:
        """Fail."""
        raise OSError("no bell")


def test_what_a_running_program_noted_is_told_by_its_verb(tmp_path: Path) -> None:
    """``plugins`` names what was switched off in another process, and why."""
    registry = BridgeRegistry(wish=Wish(names=(), extra={"broken": Broken()}))
    record = Record(tmp_path)
    record.follow(registry)
    for _ in range(MOST_FAILURES):
        registry.ticket_called(None, None)  # type: ignore[arg-type]
        assert registry.wait_until_told(30)
    asking = BridgeRegistry(wish=Wish(names=(), extra={"broken": Broken()}))
    (facts,) = kit.told(asking, tmp_path)
    assert facts["is_off"]
    assert "no bell" in facts["last_error"]
    assert "switched off" in kit.line(facts)
    text = kit.text_of(kit.explained(asking, "broken", tmp_path))
    assert "hook ticket_called: Hear that a citizen is called" in text
    with pytest.raises(PluginRefused, match="there are: broken"):
        kit.explained(asking, "bell", tmp_path)


def test_an_older_look_never_replaces_a_newer_one(tmp_path: Path) -> None:
    """Plugins are looked at while nobody else writes: now, and whenever one of them fails."""
    record = Record(tmp_path)
    looks: list[bool] = []

    class Watched(BridgeRegistry):
        @property
        def plugins(self) -> tuple[PluginState, ...]:
            looks.append(record._lock.locked())  # noqa: SLF001 - what the test is about
            return super().plugins

    registry = Watched(wish=Wish(names=(), extra={"broken": Broken()}))
    record.follow(registry)
    registry.ticket_called(None, None)  # type: ignore[arg-type]
    assert registry.wait_until_told(30)
    assert looks == [True, True]


@pytest.mark.parametrize(
    "name", ["", "Bell", "../bell", "be ll", "-bell", "x" * 31, "cups", "fifo"]
)
def test_a_plugin_needs_a_name(tmp_path: Path, name: str) -> None:
    """A name that cannot be one, or is another plugin's, is refused before anything is written."""
    with pytest.raises(PluginRefused):
        kit.make_new(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_new_plugin_is_the_example_under_its_own_name(tmp_path: Path) -> None:
    """Nothing of the old name is left where names count, and nothing is overwritten."""
    made = kit.make_new("door-lamp", tmp_path)
    assert (made / "oac_door_lamp" / "door-lamp.toml").is_file()
    project = (made / "pyproject.toml").read_text()
    assert 'door-lamp = "oac_door_lamp.agent"' in project
    assert "class RingDoorLamp(Action)" in (made / "oac_door_lamp" / "agent.py").read_text()
    everything = "".join(path.read_text() for path in made.rglob("*.py"))
    assert "oac_bell" not in everything
    with pytest.raises(PluginRefused, match="is there already"):
        kit.make_new("door-lamp", tmp_path)
