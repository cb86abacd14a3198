"""Lets ``python -m counter_hooks.agent`` do what ``oac-agent`` does."""

from __future__ import annotations

from counter_hooks.agent.cli import main

if __name__ == "__main__":
    main()
