"""Counters at work while everything around them fails, and the proof that nothing was lost or doubled."""
