"""Sets the stage, says where everything is, and keeps it until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from deploy.stage.hands import listening
from deploy.stage.town import COUNTER, NotPlayable, Town
from deploy.virtual.processes import ProcessNotReady

DEFAULT_PORT = 8080


def main() -> int:
    """Run the demo; return the exit code."""
    parser = argparse.ArgumentParser(prog="deploy/demo")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    with folder_of(arguments.data) as folder:
        try:
            with Town(folder, port=arguments.port or DEFAULT_PORT) as town:
                _introduce(town)
                with listening(town):
                    while not stop.wait(0.5):
                        town.pair_waiting()
                        town.lay_next_paper()
                print("\nClosing the office.")
        except (NotPlayable, ProcessNotReady, TimeoutError) as error:
            print(f"The demo could not start: {error}", file=sys.stderr)
            return 1
    return 0


@contextlib.contextmanager
def folder_of(chosen: Path | None) -> Iterator[Path]:
    """Give the folder that was chosen, or one that is thrown away."""
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="oac-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _introduce(town: Town) -> None:
    for sentence in town.without:
        print(f"Note: {sentence}.")
    clerk = next(one for one in town.sign_ins if one.role == "clerk")
    print(f"""
The counter is open. It is a demo: two windows of one browser, or of two, on this machine.

  The citizen's screen   {town.url}/kiosk/{COUNTER}
  The clerk's desk       {town.url}/desk      {clerk.login} / {clerk.password}

  1. Citizen: choose a language and an errand, take a ticket.
  2. Clerk: sign in, press "Available", then "Call next". Citizen: touch "Start".
  3. Clerk: scan what lies on the glass, print the form. Citizen: allow it.
     The glass holds what the step in hand scans, page by page: both sides of the card, lease, signed form.
  4. Citizen: ask for help. The helper answers it at {town.url}/helper

Not to be seen here: a Jitsi server (the two browsers meet directly), a ticket printer (numbers are on
the screen alone), a card reader, and a document camera unless this machine has one. What each of them
needs is in docs/operate.md and docs/deploy.md. A browser comes with "deploy/demo --check" alone.

Type a word here to lend a hand: card-front, contract, form … lay a paper on the glass; unplug,
print-jam, no-paper … play a fault, mend ends it. "words" lists them all.

Others who may sign in:""")
    for one in town.sign_ins:
        if one is not clerk:
            print(f"  {one.login:<12} {one.password:<18} {one.role}")
    print(f"\nWhat the printer prints is in {town.folder / 'printer' / 'out'}")
    print("Ready. Ctrl-C ends it.", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
