"""Servers as Debian's packages of Jitsi Meet leave them: 2023 (2.0.8044) and 2026 (2.0.11146)."""

from __future__ import annotations

import stat
from pathlib import Path

DOMAIN = "meet.example.org"
LAYOUTS = ("2023", "2026")
HOST_FILE = f"etc/prosody/conf.avail/{DOMAIN}.cfg.lua"
SITE = f"etc/nginx/sites-available/{DOMAIN}.conf"
CONFIG_JS = f"etc/jitsi/meet/{DOMAIN}-config.js"
JICOFO = "etc/jitsi/jicofo/jicofo.conf"
_MODULES = {
    "2023": ("auth_token", "token_verification", "muc_allowners"),
    "2026": ("auth_token", "token_verification", "muc_flip"),
}
_TEMPLATES = Path(__file__).parent / "debian_servers"


def make(root: Path, layout: str) -> Path:
    """Write the tree of ``layout`` below ``root`` and return it."""
    for name, template in (
        (HOST_FILE, f"{layout}-host.cfg.lua"),
        (SITE, f"{layout}-site.conf"),
        (JICOFO, "jicofo.conf"),
        ("etc/nginx/nginx.conf", "nginx.conf"),
        ("etc/prosody/prosody.cfg.lua", "prosody.cfg.lua"),
    ):
        _write(root / name, (_TEMPLATES / template).read_text())
    (root / HOST_FILE).chmod(0o640)
    link = root / "etc/prosody/conf.d" / f"{DOMAIN}.cfg.lua"
    link.parent.mkdir(parents=True)
    link.symlink_to(f"/{HOST_FILE}")
    _write(root / CONFIG_JS, "var config = {};\nconfig.hosts = { domain: 'meet.example.org' };\n")
    _write(root / "etc/group", "root:x:0:\nprosody:x:115:\n")
    _write(root / "usr/share/jitsi-meet/plugin.head.html", "")
    (root / "var/lib").mkdir(parents=True)
    for module in _MODULES[layout]:
        _write(root / f"usr/share/jitsi-meet/prosody-plugins/mod_{module}.lua", "-- a module\n")
    _write_videobridge(root, layout)
    return root


def snapshot(root: Path) -> dict[str, tuple[int, str]]:
    """Return every file, folder and link below ``root`` with its mode and what it holds."""
    found = {}
    for path in sorted(root.rglob("*")):
        mode = path.lstat().st_mode
        held = str(path.readlink()) if path.is_symlink() else ""
        held = path.read_bytes().hex() if stat.S_ISREG(mode) else held
        found[str(path.relative_to(root))] = (mode, held)
    return found


def _write_videobridge(root: Path, layout: str) -> None:
    folder = root / "etc/jitsi/videobridge"
    stun = "meet-jit-si-turnrelay.jitsi.net:443"
    if layout == "2023":
        _write(folder / "jvb.conf", "videobridge {\n  http-servers.public.port = 9090\n}\n")
        name = "org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES"
        _write(folder / "sip-communicator.properties", f"{name}={stun}\norg.jitsi.x=1\n")
        return
    lines = f'ice4j {{\n  harvest {{ mapping {{ stun {{ addresses = ["{stun}"] }} }} }}\n}}\n'
    _write(folder / "jvb.conf", f'videobridge {{\n  id = "1"\n}}\n{lines}')


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
