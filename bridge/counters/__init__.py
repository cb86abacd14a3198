"""Counters, their devices and agents, pairing, and device jobs."""
