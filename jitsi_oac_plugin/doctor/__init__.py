"""Looks at a live Jitsi server from outside, as the people of a visit will meet it."""

from jitsi_oac_plugin.doctor.examine import CHECKS, Check, examine
from jitsi_oac_plugin.doctor.findings import Finding, Outcome
from jitsi_oac_plugin.doctor.target import Target

__all__ = ["CHECKS", "Check", "Finding", "Outcome", "Target", "examine"]
