"""The meetings of visits: who carries them, and what a Jitsi server tells and is told."""

from bridge.meetings.seats import Meetings, Place, Provider, Seat, Side, new_room

__all__ = ["Meetings", "Place", "Provider", "Seat", "Side", "new_room"]
