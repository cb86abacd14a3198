"""The meeting host's nginx, with pages after the layout of a real Jitsi Meet."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import dataclass, field, replace
from pathlib import Path

from deploy.virtual.processes import Process
from jitsi_oac_plugin.server_texts import meet_lines
from tests.integration.prosody.server import DOMAIN, free_port

START_S = 60
# The file ends with the lines that "oac-jitsi config" tells.
CONFIG = """\
/* eslint-disable comma-dangle, no-unused-vars */
var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}
var config = {
    // Connection
    hosts: {
        // XMPP domain.
        domain: 'meet.test',
        // anonymousdomain: 'guest.example.com',
        muc: 'conference.' + subdomain + 'meet.test',
    },
    bosh: 'https://@HOST@/' + subdomain + 'http-bind',
    websocket: 'wss://@HOST@/' + subdomain + 'xmpp-websocket',
    testing: { p2pTestMode: false },
    enableNoAudioDetection: true,
    p2p: {
        enabled: true,
        stunServers: [
            // { urls: 'stun:jitsi-meet.example.com:3478' },
        ],
    },
    deploymentInfo: { environment: 'x', region: "y" },
    brandingDataUrl: '@BRIDGE@/api/meeting/branding',
    helpCentreURL: 'https://web-cdn.jitsi.net/faq/meet-faq.html',
    makeJsonParserHappy: 'even if last key had a trailing comma'
};
/* eslint-enable */
"""
PAGE = """\
<html itemscope itemtype="http://schema.org/Product" prefix="og: http://ogp.me/ns#">
  <head>
    <meta charset="utf-8">
    <!--#include virtual="head.html" -->
    <link rel="icon" href="images/favicon.svg?v=1">
    <link rel="stylesheet" href="css/all.css?v=8319">
    <script><!--#include virtual="/config.js" --></script>
    <script><!--#include virtual="/interface_config.js" --></script>
    <script src="libs/lib-jitsi-meet.min.js?v=8319"></script>
    <script src="libs/app.bundle.min.js?v=8319"></script>
    <!--#include virtual="plugin.head.html" -->
  </head>
  <body><div id="react" role="main"></div></body>
</html>
"""
PLUGIN = '<script type="module" src="/oac/oac-meeting.js"></script>'
FRAMING = "add_header Content-Security-Policy \"frame-ancestors 'self' @BRIDGE@\" always;"
CORS = 'add_header Access-Control-Allow-Origin "https://@HOST@" always;'
BOSH = """\
location = /http-bind {
    proxy_pass http://127.0.0.1:@PROSODY@/http-bind?$args;
    proxy_set_header Host meet.test;
}"""
WEBSOCKET = """\
location = /xmpp-websocket {
    proxy_pass http://127.0.0.1:@PROSODY@/xmpp-websocket?prefix=$prefix&$args;
    proxy_http_version 1.1;
    proxy_set_header Connection "upgrade";
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Host meet.test;
}"""
NGINX = """\
daemon off;
user root;
worker_processes 1;
pid @FOLDER@/nginx.pid;
error_log @FOLDER@/error.log;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path @FOLDER@/body;
    proxy_temp_path @FOLDER@/proxy;
    fastcgi_temp_path @FOLDER@/fastcgi;
    uwsgi_temp_path @FOLDER@/uwsgi;
    scgi_temp_path @FOLDER@/scgi;
    types { text/html html; @SCRIPTS@ js; application/json json; text/css css; }
    default_type application/octet-stream;
    ssl_certificate @CERTIFICATE@.crt;
    ssl_certificate_key @CERTIFICATE@.key;
    ssl_protocols @PROTOCOLS@;
    ssl_ciphers ALL:@SECLEVEL=0;
    server {
        listen 127.0.0.1:@PORT@ @TLS@;
        server_name meet.test;
        set $prefix "";
        root @FOLDER@/www;
        ssi @SSI@;
        ssi_types application/javascript text/javascript;
        @FRAMING@
        @MORE@
        location = /external_api.js { alias @FOLDER@/www/libs/external_api.min.js; }
        location ^~ /oac/ { alias @FOLDER@/www/oac/; }
        @WEBSOCKET@
        @BOSH@
        location ~ ^/([^/?&:'"]+)$ { try_files $uri @root_path; }
        location @root_path { rewrite ^/(.*)$ / break; }
    }
    server {
        listen 127.0.0.1:@BRIDGE_PORT@;
        location = /desk/panel {
            add_header Content-Security-Policy "frame-ancestors @PANEL@" always;
            return 401 "";
        }
        location = /readyz { default_type application/json; return @READY@; }
        location = /api/meeting/branding {
            default_type application/json;
            @CORS@
            return @BRANDING@;
        }
    }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How the web server is set up; what is not said is as it should be."""

    certificate: Path
    prosody: int
    config: str = CONFIG + meet_lines()
    page: str = PAGE
    plugin: str = PLUGIN
    tls: str = "ssl"
    protocols: str = "TLSv1.2 TLSv1.3"
    ssi: str = "on"
    framing: str = FRAMING
    websocket: str = WEBSOCKET
    bosh: str = BOSH
    cors: str = CORS
    branding: str = "200 '{\"defaultBranding\": false}'"
    panel: str = "'self' https://@HOST@"
    ready: str = '200 \'{"meeting": {"provider": "jitsi", "reason": null}}\''
    scripts: str = "application/javascript"
    more: str = ""
    files: dict[str, bytes | None] = field(default_factory=dict)

    def but(self, **changes: object) -> Site:
        """Return the same with something changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # names are those of the fields


class WebServer:
    """A running nginx."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.port, self._bridge_port = free_port(), free_port()
        self.host = f"{DOMAIN}:{self.port}"
        self.bridge = f"http://127.0.0.1:{self._bridge_port}"
        self._folder = folder
        self._write(site)
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self._process = Process(
            [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")],
            log=folder / "nginx.log",
            environment=os.environ,
            directory=folder,
        )
        try:
            self._process.wait_until(self._is_serving, seconds=START_S)
        except BaseException:
            self._process.stop()
            raise

    def stop(self) -> None:
        """Stop it."""
        self._process.stop()

    def _is_serving(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def _write(self, site: Site) -> None:
        files: dict[str, bytes | None] = {
            "index.html": site.page.encode(),
            "config.js": self._filled(site.config).encode("utf-8", "surrogateescape"),
            "interface_config.js": b"var interfaceConfig = { SHOW_JITSI_WATERMARK: false };",
            "head.html": b"",
            "plugin.head.html": site.plugin.encode(),
            "libs/external_api.min.js": b"window.JitsiMeetExternalAPI = class {};",
            "oac/oac-meeting.js": b'import { wait } from "./lib/page.js";\nwait();\n',
            "oac/lib/page.js": b"export const wait = () => {};\n",
            "oac/settings.json": self._filled('{"bridge": "@BRIDGE@"}').encode(),
            **site.files,
        }
        for name, content in files.items():
            file = self._folder / "www" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                file.write_bytes(content)
        marks = {
            "MORE": site.more,
            "FRAMING": site.framing,
            "WEBSOCKET": site.websocket,
            "BOSH": site.bosh,
            "CORS": site.cors,
            "PANEL": site.panel,
            "BRANDING": site.branding,
            "READY": site.ready,
            "SCRIPTS": site.scripts,
            "SSI": site.ssi,
            "TLS": site.tls,
            "PROTOCOLS": site.protocols,
            "CERTIFICATE": str(site.certificate),
            "PROSODY": str(site.prosody),
        }
        text = NGINX
        for mark, value in marks.items():
            text = text.replace(f"@{mark}@", value)
        (self._folder / "nginx.conf").write_text(self._filled(text))

    def _filled(self, text: str) -> str:
        marks = {
            "HOST": self.host,
            "BRIDGE": self.bridge,
            "PORT": str(self.port),
            "BRIDGE_PORT": str(self._bridge_port),
            "FOLDER": str(self._folder),
        }
        for mark, value in marks.items():
            text = text.replace(f"@{mark}@", value)
        return text
