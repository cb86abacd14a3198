"""What authors test their plugins with: the contract of drivers, a fake agent, a fake bridge."""

from counter_hooks.testing.driver_contract import (
    CANCEL_LIMIT_S,
    PATIENCE_S,
    SMALL_PDF,
    DriverContract,
    MemorySink,
    TestContext,
)
from counter_hooks.testing.fakes import FakeAgent, FakeBridge

__all__ = [
    "CANCEL_LIMIT_S",
    "PATIENCE_S",
    "SMALL_PDF",
    "DriverContract",
    "FakeAgent",
    "FakeBridge",
    "MemorySink",
    "TestContext",
]
