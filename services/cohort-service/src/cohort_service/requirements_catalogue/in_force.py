"""Whether a requirement is in force for a network on a day: by its phase, or as it was switched (PCN-004)."""

from __future__ import annotations

from datetime import date

from cohort_service.domain.requirements.introduction import Introduction, introduction
from cohort_service.domain.requirements.requirement import Requirement
from cohort_service.requirements_catalogue.versions import version_on, versions_of
from tandem.database.connection import Connection
from tandem.london_days import date_of, day_number


async def requirement_in_force(connection: Connection, requirement: str, network: str, day: int) -> bool:
    """Whether the checks of a requirement apply to a network (a code) on a day (days since 1 January 1970).

    The last switch of the network that has begun decides; without one, the first day of the requirement's phase.
    Raises LookupError for an id that is in no catalogue.
    """
    switched = await connection.fetchval(
        "SELECT switched_on FROM requirement_switch WHERE organisation = $1 AND requirement = $2 AND first_day <= $3"
        " ORDER BY first_day DESC LIMIT 1",
        network, requirement, day,
    )  # fmt: skip
    if switched is not None:
        return bool(switched)
    versions = await versions_of(connection, requirement)
    if not versions:
        raise LookupError(f"there is no requirement {requirement}")
    return _begun(versions, day)


async def all_in_force(
    connection: Connection, requirements: list[list[Requirement]], network: str, day: int
) -> list[list[Requirement]]:
    """Those of the requirements (each with its versions) that are in force, as `requirement_in_force` says."""
    rows = await connection.fetch(
        "SELECT requirement, switched_on FROM requirement_switch WHERE organisation = $1 AND first_day <= $2"
        " ORDER BY first_day", network, day,
    )  # fmt: skip
    switched = {row["requirement"]: bool(row["switched_on"]) for row in rows}
    return [each for each in requirements if switched.get(each[0].id, _begun(each, day))]


async def introductions(
    connection: Connection, requirements: list[list[Requirement]], network: str, day: int
) -> list[tuple[Requirement, Introduction]]:
    """How each of the requirements (with its versions) stands with a network on a day, in the version of that time."""
    rows = await connection.fetch(
        "SELECT requirement, first_day, switched_on FROM requirement_switch WHERE organisation = $1 ORDER BY first_day",
        network,
    )
    switches: dict[str, list[tuple[date, bool]]] = {}
    for row in rows:
        switches.setdefault(row["requirement"], []).append((date_of(row["first_day"]), bool(row["switched_on"])))
    found = []
    for versions in requirements:
        how = introduction(versions[0].starts, switches.get(versions[0].id, []), date_of(day))
        then = how.first if how.state == "upcoming" and how.first is not None else date_of(day)
        found.append((version_on(versions, day_number(then)), how))
    return found


def _begun(versions: list[Requirement], day: int) -> bool:
    starts = versions[0].starts
    return starts is None or starts <= date_of(day)
