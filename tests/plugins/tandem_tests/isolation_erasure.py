"""Erasing a person, legal holds and what was ordered are for operators. What is asked here changes nothing."""

from __future__ import annotations

from tandem_tests.isolation_operations import OPERATIONS, Asking


async def _erase(asking: Asking) -> str:
    path = f"Patient/{asking.place.here.person}/$erase"
    return await asking.post(path, ("reason", "Kept long enough"), ("approver", "A second officer"), ("dry-run", True))


async def _release(asking: Asking) -> str:
    return await asking.post(f"Patient/{asking.place.here.person}/$legal-hold", ("release", True))


async def _erasures(asking: Asking) -> str:
    return await asking.get("Patient/$erasures")


async def _retention_ended(asking: Asking) -> str:
    return await asking.get("Patient/$retention-ended")


OPERATIONS["POST Patient/[id]/$erase"] = _erase
OPERATIONS["POST Patient/[id]/$legal-hold"] = _release
OPERATIONS["GET Patient/$erasures"] = _erasures
OPERATIONS["GET Patient/$retention-ended"] = _retention_ended
