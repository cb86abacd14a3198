"""The program at the counter that owns the devices."""
