"""Benchmarks: figures and ratios within one run, never asserted; ``docs/figures.md`` keeps them."""
