"""Says what kind of card lies in the counter's reader: the example of an action with a result.

Loaded only when the configuration has a table ``[plugins.cards]``: ``reader``, a part of the
reader's name where there are several; ``wait_s``, how long a card is waited for (60). Asked is
PC/SC, through pyscard, and only which card announces itself (its answer to reset, ISO/IEC 7816-3).
No connection is made and no command sent: nothing of the person's is read.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from counter_hooks import (
    Action,
    ActionJob,
    DeviceEmpty,
    DeviceGone,
    JobCancelled,
    JobContext,
    PluginRefused,
    Row,
    Text,
    Value,
    hookimpl,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOK_S = 0.2
WAIT_S = 60.0
MOST_WAIT_S = 300.0
# Spain's identity card names itself in its historical bytes.
DNIE = b"DNIe"


class ReadCard(Action):
    """Waits for a card and tells its kind."""

    key = "read-card"
    title = Text(ca="Mirar la targeta", es="Mirar la tarjeta", en="Look at the card")
    consent = Text(
        ca="Mirar quina targeta és. Pose-la en el lector. No es lligen les seues dades.",
        es="Mirar qué tarjeta es. Póngala en el lector. No se leen sus datos.",
        en="See which card it is. Put it into the reader. Your data are not read.",
    )
    rows = (
        Row(
            key="identity-card",
            label=Text(ca="És un DNI electrònic", es="Es un DNI electrónico", en="It is a DNIe"),
        ),
        Row(
            key="contactless", label=Text(ca="Sense contacte", es="Sin contacto", en="Contactless")
        ),
        Row(key="protocols", label=Text(ca="Protocols", es="Protocolos", en="Protocols")),
        Row(key="atr", label=Text(ca="Resposta (ATR)", es="Respuesta (ATR)", en="Answer (ATR)")),
    )
    icon = "M3 5h18v14H3zM5 9h5v5H5zM12 10h7v1h-7zM12 13h7v1h-7z"

    def __init__(self, *, reader: str, wait_s: float) -> None:
        self._reader = reader
        self._wait_s = wait_s
        self.limit_s = wait_s + 30.0

    def run(self, job: ActionJob, context: JobContext) -> Mapping[str, Value]:
        """Wait for a card. Raises ``DeviceGone`` without a reader, ``DeviceEmpty`` without a card."""
        with _connected() as (scard, place):
            for _ in range(max(1, round(self._wait_s / LOOK_S))):
                atr = self._look(scard, place)
                if atr:
                    return described(atr)
                if context.wait(LOOK_S):
                    raise JobCancelled(job=job.id)
        raise DeviceEmpty("no card was put into the reader")

    def _look(self, scard: Any, place: object) -> bytes:
        """Return how the card announces itself, nothing as long as there is none."""
        failed, names = scard.SCardListReaders(place, [])
        fitting = [name for name in names if self._reader.lower() in name.lower()]
        if failed or not fitting:
            raise DeviceGone("there is no card reader")
        asked = [(name, scard.SCARD_STATE_UNAWARE) for name in fitting]
        failed, states = scard.SCardGetStatusChange(place, 0, asked)
        if failed:
            raise DeviceGone("the card reader went away")
        found = [bytes(atr) for _name, state, atr in states if state & scard.SCARD_STATE_PRESENT]
        if found and not any(found):
            raise DeviceEmpty("the card does not announce itself: it may lie the wrong way round")
        return next((atr for atr in found if atr), b"")


@contextmanager
def _connected() -> Iterator[tuple[Any, object]]:
    from smartcard import scard

    failed, place = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if failed:
        raise DeviceGone("pcscd does not answer")
    try:
        yield scard, place
    finally:
        scard.SCardReleaseContext(place)


def described(atr: bytes) -> dict[str, Value]:
    """Return what an answer to reset says, row by row."""
    protocols, historical = _parts(atr)
    return {
        "identity-card": DNIE in historical,
        # PC/SC gives every contactless card an answer of this shape (part 3, 3.1.3.2.3).
        "contactless": atr[:1] == b"\x3b" and atr[2:4] == b"\x80\x01",
        "protocols": ", ".join(f"T={number}" for number in protocols),
        "atr": atr.hex(" ").upper(),
    }


def _parts(atr: bytes) -> tuple[Sequence[int], bytes]:
    """Return the protocols that a card offers, and its historical bytes (ISO/IEC 7816-3, 8.2)."""
    rest = iter(atr[1:])
    first = next(rest, 0)
    protocols: list[int] = []
    mask = first >> 4
    while mask:
        for bit in (1, 2, 4):
            if mask & bit:
                next(rest, 0)
        if not mask & 8:
            break
        following = next(rest, 0)
        protocols.append(following & 0x0F)
        mask = following >> 4
    # Who names none speaks T=0; 15 is no protocol but stands for more bytes.
    offered = sorted({number for number in protocols if number != 15} or {0})
    return offered, bytes(rest)[: first & 0x0F]


@hookimpl
def register_actions(settings: Mapping[str, object]) -> list[Action]:
    """Bring the one action. Raises ``PluginRefused``."""
    reader, wait_s = settings.get("reader", ""), settings.get("wait_s", WAIT_S)
    unknown = settings.keys() - {"reader", "wait_s"}
    if unknown:
        raise PluginRefused(f"[plugins.cards] knows no {min(unknown)}")
    if not isinstance(reader, str):
        raise PluginRefused("[plugins.cards] reader must be a part of a reader's name")
    is_number = isinstance(wait_s, int | float) and not isinstance(wait_s, bool)
    if not is_number or not 0 < float(wait_s) <= MOST_WAIT_S:  # type: ignore[arg-type]
        raise PluginRefused(f"[plugins.cards] wait_s must be a number up to {MOST_WAIT_S:g}")
    if importlib.util.find_spec("smartcard") is None:
        raise PluginRefused("pyscard is missing: install jitsi-oac[cards] and libpcsclite-dev")
    return [ReadCard(reader=reader, wait_s=float(wait_s))]  # type: ignore[arg-type]
