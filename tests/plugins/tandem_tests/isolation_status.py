"""`$status` of the gateway: where the processes stand is for operators, and says nothing of anybody."""

from __future__ import annotations

from tandem_tests.isolation_operations import OPERATIONS, Asking


async def _status(asking: Asking) -> str:
    return await asking.get("$status")


OPERATIONS["GET $status"] = _status
