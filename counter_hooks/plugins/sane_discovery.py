"""Which scanners there are and what each takes, asked in processes that are thrown away."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from counter_hooks import (
    Attention,
    Capability,
    Device,
    DeviceError,
    DeviceGone,
    DeviceSilent,
    Source,
)
from counter_hooks.plugins import sane_options, sane_process, sane_status
from counter_hooks.plugins.sane_settings import DeviceSettings, SaneSettings

log = logging.getLogger(__name__)

_PROBE = Path(__file__).with_name("sane_probe.py")
# A scanner that did not open is asked again after this long; it may be busy or warming up.
ASK_AGAIN_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A device as SANE lists it."""

    name: str
    vendor: str
    model: str
    kind: str


@dataclass(slots=True, kw_only=True)
class Scanner:
    """What is known of one device, and how long that may be believed."""

    found: Found
    settings: DeviceSettings
    offers: sane_options.Offers = field(default_factory=dict)
    attention: Attention | None = None
    believe_until: float = 0.0

    @property
    def id(self) -> str:
        """The device's identifier: the administrator's name for it, else SANE's."""
        return f"sane:{self.settings.id or self.found.name}"

    def as_device(self) -> Device:
        """Return it in the agent's words; what differs between sources is united."""
        offers = self.offers.values()
        resolutions = {dpi for offer in offers for dpi in offer.resolutions_dpi}
        colours = {colour for offer in offers for colour in offer.modes}
        return Device(
            id=self.id,
            driver="sane",
            name=f"{self.found.vendor} {self.found.model}".strip() or self.found.name,
            capabilities=frozenset({Capability.SCAN}),
            sources=tuple(source for source in Source if source in self.offers),
            resolutions_dpi=tuple(sorted(resolutions)),
            colours=tuple(sorted(colours)),
            attention=self.attention,
        )


_LISTED = TypeAdapter(tuple[Found, ...])


class Catalogue:
    """The scanners of this computer.

    Looking around may disturb a scan: some backends open every device to list it. So while a
    scan runs the last answer is given, and a scan waits for a look that is under way.
    """

    def __init__(self, settings: SaneSettings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._now = now
        self._guard = threading.Lock()
        self._looking = False
        self._scans = 0
        self._scanners: dict[str, Scanner] = {}

    def look(self) -> tuple[Scanner, ...]:
        """Return the scanners present now, or at the last look while a scan runs."""
        with self._guard:
            if self._scans or self._looking:
                return self._worth_showing()
            self._looking = True
        try:
            present = {}
            for found in self._listed():
                scanner = self._known(found)
                if scanner.believe_until <= self._now():
                    self._describe(scanner)
                present[scanner.id] = scanner
            self._scanners = present
        finally:
            with self._guard:
                self._looking = False
        return self._worth_showing()

    def begin_scan(self) -> bool:
        """Claim the devices for a scan; False while somebody looks around."""
        with self._guard:
            if self._looking:
                return False
            self._scans += 1
            return True

    def end_scan(self) -> None:
        """Give back what ``begin_scan`` claimed."""
        with self._guard:
            self._scans -= 1

    def scanner(self, device_id: str, is_cancelled: Callable[[], bool]) -> Scanner:
        """Return a scanner with its offers, asking it now if need be; a scan must be claimed.

        Raises a leaf of ``DeviceError`` when it cannot be asked.
        """
        scanner = self._scanners.get(device_id)
        if scanner is None:
            listed = {known.id: known for known in map(self._known, self._listed(is_cancelled))}
            if device_id not in listed:
                raise DeviceGone("SANE does not list this scanner", device=device_id)
            scanner = listed[device_id]
        if not scanner.offers:
            scanner.offers = self._offers(scanner, is_cancelled)
        return scanner

    def doubt(self, scanner: Scanner) -> None:
        """Ask a scanner afresh at the next look: its last job failed."""
        scanner.believe_until = 0.0

    def _worth_showing(self) -> tuple[Scanner, ...]:
        """Leave out what answered and is no scanner of documents, such as a camera."""
        scanners = self._scanners.values()
        return tuple(one for one in scanners if one.offers or one.attention is not None)

    def _known(self, found: Found) -> Scanner:
        scanner = Scanner(found=found, settings=self._settings.device(found.name, found.model))
        known = self._scanners.get(scanner.id)
        return known if known is not None and known.found == found else scanner

    def _describe(self, scanner: Scanner) -> None:
        before = scanner.attention
        try:
            scanner.offers = self._offers(scanner)
        except DeviceError as error:
            scanner.attention = error.reason or Attention.UNKNOWN
            scanner.believe_until = self._now() + ASK_AGAIN_S
        else:
            scanner.attention = None
            scanner.believe_until = self._now() + self._settings.describe_again_s
        if scanner.attention is not before:
            log.info("scanner %s: %s", scanner.id, scanner.attention or "ready")

    def _listed(self, is_cancelled: Callable[[], bool] = lambda: False) -> Sequence[Found]:
        answer = self._ask("list", is_cancelled=is_cancelled)
        if "error" in answer:
            raise DeviceError(f"SANE could not list its devices: {answer['error']}")
        try:
            listed = _LISTED.validate_python(answer.get("devices"))
        except ValidationError as error:
            raise DeviceError("SANE's list of devices is not readable") from error
        return [found for found in listed if self._is_wanted(found.name)]

    def _is_wanted(self, name: str) -> bool:
        allowed = any(fnmatchcase(name, pattern) for pattern in self._settings.allow)
        return allowed and not any(fnmatchcase(name, pattern) for pattern in self._settings.deny)

    def _offers(
        self, scanner: Scanner, is_cancelled: Callable[[], bool] = lambda: False
    ) -> sane_options.Offers:
        name = scanner.found.name
        answer = self._ask("describe", name, is_cancelled=is_cancelled)
        if "error" in answer:
            raise sane_status.opening_claim(str(answer["error"]), device=name)
        try:
            descriptions = sane_options.decode_descriptions(answer.get("sources"))
        except ValidationError as error:
            raise DeviceError("the scanner's options are not readable", device=name) from error
        return sane_options.offers(descriptions, scanner.settings.sources)

    def _ask(self, *question: str, is_cancelled: Callable[[], bool]) -> Mapping[str, object]:
        # -P keeps this folder, where a module is called sane, out of the probe's path.
        output, code = sane_process.output_of(
            [sys.executable, "-P", str(_PROBE), *question],
            environment=self._settings.environment,
            limit_s=self._settings.probe_s,
            is_cancelled=is_cancelled,
        )
        try:
            answer = json.loads(output)
        except ValueError as error:
            raise DeviceSilent("the SANE probe died", exit_code=code) from error
        return answer if isinstance(answer, dict) else {}
