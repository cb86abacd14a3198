"""What the meeting server's own page asks of the bridge: how it looks, its labels, its troubles."""
