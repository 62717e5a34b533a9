"""Which service a list belongs to, for the one who leads it (PCN-054)."""

from __future__ import annotations

from collections.abc import Collection

_PART_OF = {"PAM": "PC", "SDM": "PC"}
"""Patient activation and shared decisions are parts of personalised care (000 §5.6), and led with it."""


def is_led(service: str, led: Collection[str]) -> bool:
    """Whether lists of a service are among those of a lead of the services `led`."""
    return _PART_OF.get(service, service) in led
