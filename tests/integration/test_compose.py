"""The composition as Docker Compose itself reads it; no engine is needed for that."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_deploy import COMPOSE, NAMES, fill
from tests.debian_packages import missing, unpacked

PROGRAM = "usr/libexec/docker/cli-plugins/docker-compose"
# What a counter, a clerk or an ACME client reaches from outside.
OPEN = {
    "80/tcp": "front",
    "443/tcp": "front",
    "3478/udp": "turn",
    "10000/udp": "jvb",
}
JITSI = ("web", "prosody", "jicofo", "jvb")


def _compose() -> str:
    """Return a Docker Compose of 2.23 or newer: the machine's own, or Debian 13's, unpacked."""
    if own := shutil.which("docker-compose"):
        said = subprocess.run([own, "version"], check=False, capture_output=True, text=True).stdout
        if re.search(r"version v?(2\.2[3-9]|2\.[3-9]\d|[3-9])", said):
            return own
    try:
        return str(unpacked("trixie", "compose/trixie-1", ("docker-compose",)) / PROGRAM)
    except (subprocess.SubprocessError, OSError) as error:
        missing("compose", error)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give what Docker Compose makes of the file, with the variables that the script fills."""
    variables = tmp_path_factory.mktemp("compose") / ".env"
    assert fill(variables, *NAMES).returncode == 0
    command = [_compose(), "-f", str(COMPOSE), "--env-file", str(variables)]
    done = subprocess.run(
        [*command, "config", "--format", "json"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_nothing_else_is_open(read: dict[str, Any]) -> None:
    """Beside TURN's relays there are four ports; the control of the rooms is none of them."""
    opened = {
        f"{port['published']}/{port['protocol']}": name
        for name, service in read["services"].items()
        for port in service.get("ports", ())
        if not 49160 <= int(port["published"]) <= 49259
    }
    assert opened == OPEN


def test_the_control_and_the_data_are_on_networks_without_a_way_out(read: dict[str, Any]) -> None:
    """Only the bridge is beside Prosody on the one, beside the databases on the other."""
    for network, members in (
        ("control", {"bridge", "prosody"}),
        ("data", {"bridge", "database", "redis"}),
    ):
        assert read["networks"][network]["internal"] is True
        inside = {name for name, one in read["services"].items() if network in one["networks"]}
        assert inside == members


def test_jitsis_images_are_of_one_version(read: dict[str, Any]) -> None:
    """As Jitsi publishes them, all of the same release."""
    images = {name: read["services"][name]["image"] for name in JITSI}
    tags = {image.rpartition(":")[2] for image in images.values()}
    assert len(tags) == 1
    assert re.fullmatch(r"stable-\d+(-\d+)?", tags.pop())
    assert all(image.startswith(f"ghcr.io/jitsi/{name}:") for name, image in images.items())


def test_both_sides_of_every_secret_are_the_same(read: dict[str, Any]) -> None:
    """What Jitsi's containers are told is what the bridge and TURN are told."""
    told = {name: one.get("environment") or {} for name, one in read["services"].items()}
    bridge, prosody = told["bridge"], told["prosody"]
    for ours, theirs in (
        ("OAC_MEETING_APP_SECRET", "JWT_APP_SECRET"),
        ("OAC_MEETING_APP_SECRET", "OAC_APP_SECRET"),
        ("OAC_MEETING_APP_ID", "JWT_APP_ID"),
        ("OAC_MEETING_EVENTS_SECRET", "OAC_EVENTS_SECRET"),
        ("OAC_MEETING_CONTROL_SECRET", "OAC_CONTROL_SECRET"),
        ("OAC_MEETING_DOMAIN", "XMPP_DOMAIN"),
    ):
        assert bridge[ours] == prosody[theirs], ours
    assert prosody["JICOFO_AUTH_PASSWORD"] == told["jicofo"]["JICOFO_AUTH_PASSWORD"]
    assert prosody["JVB_AUTH_PASSWORD"] == told["jvb"]["JVB_AUTH_PASSWORD"]
    turn = f"static-auth-secret={prosody['TURN_CREDENTIALS']}\n"
    assert turn in read["configs"]["turnserver"]["content"]


def test_every_file_that_is_mounted_is_there(read: dict[str, Any]) -> None:
    """Docker would make a folder of a file that is missing; certificates are the town's to bring."""
    sources = [
        Path(volume["source"])
        for service in read["services"].values()
        for volume in service.get("volumes", ())
        if volume["type"] == "bind"
    ]
    assert len(sources) > 5
    assert [str(one) for one in sources if not one.exists() and one.name != "tls"] == []
