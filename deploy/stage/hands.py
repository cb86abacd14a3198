"""What a hand could do at the demo's counter: lay papers, pull cables, jam, mend. Typed as words."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator

from deploy.stage.town import Town

Acts = dict[str, tuple[str, Callable[[], object]]]


def acts_of(town: Town) -> Acts:
    """Return every word that can be typed, what it is for, and what it does."""
    acts: Acts = {}
    scanner, printer = town.scanner, town.printer
    if scanner is not None:
        for name, picture in town.pictures.items():
            acts[name] = ("lay this paper on the glass", lambda p=picture: town.lay(p))
        acts["unplug"] = ("pull the scanner's cable", scanner.unplug)
        acts["plug"] = ("put it back", scanner.plug)
        acts["scan-jam"] = ("jam the scanner", lambda: scanner.fault("jam"))
        acts["scan-open"] = ("open the scanner's lid", lambda: scanner.fault("cover_open"))
    if printer is not None:
        acts["print-jam"] = ("jam the printer", lambda: printer.fault("jam"))
        acts["print-open"] = ("open the printer's door", lambda: printer.fault("cover_open"))
        acts["no-paper"] = (
            "take the paper out of the printer",
            lambda: printer.set_paper(empty=True),
        )
        acts["paper"] = ("put paper in", lambda: printer.set_paper(empty=False))
        acts["print-off"] = ("switch the printer off", printer.turn_off)
        acts["print-on"] = ("switch it on", printer.turn_on)
    if scanner is not None or printer is not None:
        acts["mend"] = ("end every jam and close every lid", lambda: _mend(town))
    return acts


@contextlib.contextmanager
def listening(town: Town) -> Iterator[None]:
    """Do what is typed, as long as somebody sits at a terminal."""
    if sys.stdin is not None and sys.stdin.isatty():
        # It ends with the program: a read of a terminal cannot be taken back.
        threading.Thread(target=_listen, args=[acts_of(town)], daemon=True).start()
    yield


def obey(acts: Acts, word: str) -> str:
    """Do what ``word`` means and return what to say about it."""
    if word in acts:
        told, act = acts[word]
        act()
        return f"Done: {told}."
    width = max(map(len, acts), default=0)
    lines = [f"  {name:<{width}}  {told}" for name, (told, _) in acts.items()]
    return "\n".join(["These words are understood:", *lines])


def _listen(acts: Acts) -> None:
    for line in sys.stdin:
        if word := line.strip().lower():
            print(obey(acts, word), flush=True)


def _mend(town: Town) -> None:
    for device in (town.scanner, town.printer):
        if device is not None:
            device.mend()
