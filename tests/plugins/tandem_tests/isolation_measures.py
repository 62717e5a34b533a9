"""The ways to figures of networks side by side: rows of `isolation_operations`."""

from __future__ import annotations

from tandem_tests.isolation_operations import OPERATIONS, Asking


async def _compare(asking: Asking) -> str:
    period = "periodStart=2020-01-01&periodEnd=2020-12-31"
    area = asking.place.here.codes["commissioner"]
    return await asking.get(f"Measure/smr-people-reviewed/$compare-networks?{period}&organisation={area}")


OPERATIONS["GET Measure/[id]/$compare-networks"] = _compare
