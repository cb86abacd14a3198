"""The stage that a visit is played on: one office, one counter, real programs, virtual devices."""
