"""What the doctor reads: settings, pages, who may frame, and whose a host is."""

from __future__ import annotations

import pytest

from jitsi_oac_plugin.doctor.javascript import UNKNOWN, ScriptUnsound, read_config, setting
from jitsi_oac_plugin.doctor.served import allows, framing, hosts_in, is_ours, read_page


@pytest.mark.parametrize(
    ("script", "path", "expected"),
    [
        ("var config = { a: 1, 'b': \"x\", c: [true, null,], };", "c", [True, None]),
        ("var config = {}; config.a = {}; config.a.b = 'x' + \"y\";", "a.b", "xy"),
        ("var config = { a: { b: -1.5 } }\nconfig['a'].c = false\nconfig.d = 2", "a.c", False),
        ("var s = ''; if (s) { s = s.substr(1); } var config = { a: 'x' + s };", "a", "x"),
        ("config = { a: /* no */ 1 // yes\n, b: 2 };", "b", 2),
        ("var config = { a: 1 }; if (!config.hasOwnProperty('a')) config.a = 3;", "a", 3),
        ("var config = { a: { b: 1 } }; config.a = {};", "a.b", 1),
        ("var config = { a: { b: 1 } }; delete config.a.b;", "a.b", None),
        ("var config = {p: {x: 1}}; config.p = Object.assign({}, config.p, {y: 2});", "p.x", 1),
        ("var config = {p: {x: 1}}; config.p = Object.assign({}, config.q, {y: 2});", "p.y", 2),
        ("var config = { a: `x\\u0041`, b: `${a}` };", "a", "xA"),
        ("var config = { a: `${b}` };", "a", UNKNOWN),
        ("var config = { a: location.host, b: 1 };", "a", UNKNOWN),
        ("var config = { a: function () { return { c: 1 }; }, b: 1 };", "b", 1),
        ("var config = { a: b ? 1 : 2, c: 3 };", "c", 3),
        ("var config = { a: [1, { b: 2 }].length, c: 3 };", "a", UNKNOWN),
        ("var config = { get a() { return 1; }, b: 2 };", "b", 2),
    ],
)
def test_settings_are_read_without_running_them(script: str, path: str, expected: object) -> None:
    """Literals and what is put together of them are read; anything else is unknown."""
    assert setting(read_config(script), path) == expected


@pytest.mark.parametrize(
    "script",
    [
        "",
        "var config",
        "var config = ",
        "var config = [",
        "var config = " + "{a:" * 100,
        "config.a = ;" * 3 + "var config = 'x';",
        "}" * 1000 + "]" * 1000,
        "/*" * 50_000,
        "`\\`" * 50_000,
        "'" + "\\" * 50_001,
        "delete",
        "x" + ".a" * 300_000,
    ],
)
def test_what_is_no_settings_is_said(script: str) -> None:
    """Hostile or broken text ends, with a claim."""
    with pytest.raises(ScriptUnsound):
        read_config(script)


def test_addresses_in_settings_are_found_with_their_keys() -> None:
    """What is asked by itself counts; what a person would have to follow does not."""
    config = {
        "p2p": {"stunServers": [{"urls": "stun:s.example:3478"}, {"urls": "turns:[2001:db8::1]"}]},
        "liveStreaming": {"termsLink": "https://youtube.example/t"},
        "analytics": {"scriptURLs": ["https://user@a.example:8443/x?y"]},
        "text": "no address: here",
    }
    assert list(hosts_in(config)) == [
        ("p2p.stunServers.urls", "s.example"),
        ("p2p.stunServers.urls", "2001:db8::1"),
        ("analytics.scriptURLs", "a.example"),
    ]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("meet.town.example", True),
        ("turn.meet.town.example", True),
        ("desk.town.example", True),
        ("town.example", False),
        ("evilmeet.town.example.net", False),
        ("other.example", False),
    ],
)
def test_whose_a_host_is(host: str, expected: bool) -> None:
    """Ours are the host itself, what is below it, and its neighbours."""
    assert is_ours(host, ("meet.town.example",)) is expected


@pytest.mark.parametrize("host", ["other.es", "es"])
def test_a_whole_country_is_not_ours(host: str) -> None:
    """A name right below a country has no neighbours."""
    assert not is_ours(host, ("town.es",))


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ("*", True),
        ("https:", True),
        ("https://desk.example", True),
        ("desk.example", True),
        ("https://*.example", True),
        ("https://*.desk.example", False),
        ("http://desk.example", False),
        ("https://desk.example:8443", False),
        ("'self' 'none'", False),
        ("", False),
    ],
)
def test_a_source_list_as_browsers_read_it(sources: str, expected: bool) -> None:
    """Schemes, names and wildcards count as in a Content-Security-Policy."""
    assert allows(tuple(sources.split()), "https://desk.example") is expected


def test_a_port_has_to_be_named() -> None:
    """An origin with a port is let in only where the port is said."""
    assert allows(("https://desk.example:8443",), "https://desk.example:8443")
    assert not allows(("https://desk.example",), "https://desk.example:8443")


def test_who_may_frame_is_found_among_the_rest() -> None:
    """The directive counts wherever it stands; without it nothing is said."""
    policy = "default-src 'self'; Frame-Ancestors 'self' https://desk.example; img-src *"
    assert framing({"content-security-policy": policy}) == ("'self'", "https://desk.example")
    assert framing({"content-security-policy": "default-src 'self';"}) is None
    assert framing({}) is None


def test_a_page_that_is_broken_says_nothing() -> None:
    """Tags that never end and texts that are no page are read without harm."""
    page = read_page("<script>var config = {<script src=//x.example><link rel=icon href=a" * 50)
    assert page.version is None
    assert read_page("\0\1 < > <!DOCTYPE").loads == ()
