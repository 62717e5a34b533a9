"""The ways to figures of practices and networks: rows of `isolation_operations`."""

from __future__ import annotations

from tandem_tests.isolation_operations import OPERATIONS, Asking


async def _compare(asking: Asking) -> str:
    period = "periodStart=2020-01-01&periodEnd=2020-12-31"
    area = asking.place.here.codes["commissioner"]
    return await asking.get(f"Measure/smr-people-reviewed/$compare-networks?{period}&organisation={area}")


_GROUPS = "Measure/anticipatory-care-falls-assessed-share/$groups"


async def _groups(asking: Asking) -> str:
    return await asking.get(f"{_GROUPS}?organisation={asking.place.here.codes['network']}")


async def _set_groups(asking: Asking) -> str:
    network = asking.place.here.codes["network"]
    return await asking.post(
        _GROUPS, ("organisation", network), ("list", "frailty-severe"), ("from", "2031-01-01"), ("reason", "Agreed")
    )


async def _report(asking: Asking) -> str:
    period = "periodStart=2020-01-01&periodEnd=2020-12-31"
    return await asking.get(f"Measure/$service-report?{period}&organisation={asking.place.here.codes['practice']}")


async def _requirements(asking: Asking) -> str:
    return await asking.get("Measure/smr-people-reviewed/$data-requirements")


async def _qof_evidence(asking: Asking) -> str:
    return await asking.get(f"Measure/$qof-cancer-evidence?practice={asking.place.here.codes['practice']}")


OPERATIONS["GET Measure/$qof-cancer-evidence"] = _qof_evidence
OPERATIONS["GET Measure/$service-report"] = _report
OPERATIONS["GET Measure/[id]/$data-requirements"] = _requirements


async def _phases(asking: Asking) -> str:
    return await asking.get(f"Measure/$phase-review?organisation={asking.place.here.codes['network']}&service=PC")


async def _timeline(asking: Asking) -> str:
    return await asking.get(f"Measure/$service-timeline?organisation={asking.place.here.codes['network']}&service=PC")


OPERATIONS["GET Measure/[id]/$compare-networks"] = _compare
OPERATIONS["GET Measure/$phase-review"] = _phases
OPERATIONS["GET Measure/$service-timeline"] = _timeline
OPERATIONS["GET Measure/[id]/$groups"] = _groups
OPERATIONS["POST Measure/[id]/$groups"] = _set_groups
