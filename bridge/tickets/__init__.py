"""The queue: tickets, their services and times."""
