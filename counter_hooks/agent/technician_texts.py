"""What the technician's page says, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

from counter_hooks.texts import Text

TEXTS: Mapping[str, Text] = {
    "title": Text(ca="Ordinador del lloc", es="Ordenador del puesto", en="The counter's computer"),
    "connected": Text(ca="Connectat", es="Conectado", en="Connected"),
    "away": Text(
        ca="Sense connexió: prova de connectar-se per si mateix",
        es="Sin conexión: intenta conectarse por sí mismo",
        en="Not connected: it tries again by itself",
    ),
    "bridge": Text(ca="Servidor", es="Servidor", en="Server"),
    "counter": Text(ca="Lloc", es="Puesto", en="Counter"),
    "version": Text(ca="Versió", es="Versión", en="Version"),
    "devices": Text(ca="Dispositius", es="Dispositivos", en="Devices"),
    "no-devices": Text(
        ca="No n'hi ha cap de connectat",
        es="No hay ninguno conectado",
        en="None is plugged in",
    ),
    "ready": Text(ca="preparat", es="preparado", en="ready"),
    "waiting": Text(ca="Pendent", es="Pendiente", en="Waiting"),
    "open-jobs": Text(ca="Treballs oberts", es="Trabajos abiertos", en="Open jobs"),
    "pages": Text(ca="Pàgines per enviar", es="Páginas por enviar", en="Pages to send"),
    "self-test": Text(ca="Autocomprovació", es="Autocomprobación", en="Self-test"),
    "not-yet": Text(ca="encara no s'ha fet", es="todavía no se ha hecho", en="not done yet"),
    "ok": Text(ca="correcte", es="correcto", en="ok"),
    "wrong": Text(ca="malament", es="mal", en="wrong"),
    "try": Text(
        ca="Per a provar els dispositius: oac-agent test-scan, oac-agent test-print FITXER.",
        es="Para probar los dispositivos: oac-agent test-scan, oac-agent test-print ARCHIVO.",
        en="To try the devices: oac-agent test-scan, oac-agent test-print FILE.",
    ),
}
