"""Recording a commissioner's care homes: an OrganizationAffiliation for the list, one more for the alignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cohort_service.domain.networks.codes import AGREED_RESPONSIBILITIES, CARE_HOME_IN_AREA
from cohort_service.domain.networks.days import FOREVER, Days, period_of
from cohort_service.networks.alignments import alignment_on, commissioners_listing
from cohort_service.networks.organisations import (
    CARE_HOME,
    Organisation,
    code_named,
    commissions,
    kind_of_code,
    organisation_with_code,
    reference_of,
)
from tandem.canonical import AFFILIATION_ROLE, CARE_HOME_ALIGNMENT
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import today_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.organisation_parameter import organisation_named
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.identity.derivation import hold
from tandem.identity.organisations import NETWORK
from tandem.ids import deterministic_id
from tandem.london_days import date_of
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class _Home:
    """One row of the list: `network` is the code of the responsible one, if there is one."""

    code: str
    network: str | None
    team: str | None
    agreed: int | None
    responsibilities: tuple[str, ...]
    days: Days


async def record_homes(call: OperationCall, connection: Connection, commissioner: Organisation) -> int:
    """Record the `home` parameters; answers how many there were.

    Parts of each: `organization` (Reference to the home), and as far as they are known `network` (Reference), `team`
    (Reference to the HealthcareService that is its MDT), `responsibility` (strings) with `agreed` (date), `start` and
    `end` (dates). A home that is on the list is not put on it twice. Raises FhirError 409, 422; then nothing is kept.
    """
    today, work = today_number(call), work_of(call, connection, call.kernel.clock.now())
    rows = rows_asked(call, "home")
    homes = [await _read(connection, commissioner, row, today) for row in rows]
    refuse_faults(rows)
    # In the order of their codes, so that two lists that name the same homes do not wait for each other.
    for home in sorted((home for home in homes if home is not None), key=lambda each: each.code):
        await hold(connection, [f"care-home/{home.code}"])
        await _list(work, commissioner, home, today)
        if home.network is not None:
            await _align(work, home, home.network, today)
    return len(homes)


async def _read(connection: Connection, commissioner: Organisation, row: Part, today: int) -> _Home | None:
    code = await _organisation(connection, row, "organization", CARE_HOME, required=True)
    network = await _organisation(connection, row, "network", NETWORK, required=False)
    agreed, start, end = row.day("agreed", required=False), row.day("start", required=False), row.end("end")
    team = row.one("team", "a Reference to a HealthcareService", required=False)
    literal = str(team.get("reference") or "") if isinstance(team, dict) else ""
    if team is not None and not literal.startswith("HealthcareService/"):
        row.fault("team", "team is a Reference such as HealthcareService/1")
    duties = row.all("responsibility")
    if any(not isinstance(each, str) or not each.strip() for each in duties):
        row.fault("responsibility", "A responsibility is a text")
    if bool(duties) != (agreed is not None):
        row.fault("agreed", "Agreed responsibilities have the day on which they were agreed, and the day has them")
    if network is None and (duties or team is not None or start is not None or end is not None):
        row.fault("network", "Only a home with a responsible network has a team, responsibilities or a period")
    if start is not None and end is not None and end < start:
        row.fault("end", "The period ends before it starts")
    if network is not None and not await _is_commissioned(connection, commissioner, network, today):
        row.fault("network", "The responsible network is one of the commissioner's area")
    days = Days(start if start is not None else -1, end if end is not None else FOREVER)
    return _Home(code, network, literal or None, agreed, tuple(duties), days) if code is not None else None


async def _organisation(
    connection: Connection, row: Part, name: str, kind: str, *, required: bool
) -> str | None:  # fmt: skip
    value = row.one(name, "a Reference to an Organization", required=required)
    if value is None:
        return None
    code = await code_named(connection, organisation_named(value))
    if code is None or await kind_of_code(connection, code) != kind:
        row.fault(name, f"{name} is a Reference to an Organization held here of the type {kind}")
        return None
    return code


async def _is_commissioned(connection: Connection, commissioner: Organisation, network: str, today: int) -> bool:
    held = await organisation_with_code(connection, network, NETWORK)
    return held is not None and await commissions(connection, commissioner.code, held, today)


async def _list(work: Work, commissioner: Organisation, home: _Home, today: int) -> None:
    holders = await commissioners_listing(work.connection, home.code, today)
    if commissioner.code in holders:
        return
    if holders:
        raise FhirError(Kind.CONFLICT, "A care home of this list is on the list of another commissioner")
    await work.put({
        "resourceType": "OrganizationAffiliation",
        "id": deterministic_id(CARE_HOME_IN_AREA, commissioner.code, home.code, str(today)),
        "active": True,
        "period": {"start": date_of(today).isoformat()},
        "organization": await reference_of(work.connection, commissioner.code),
        "participatingOrganization": await reference_of(work.connection, home.code),
        "code": [_coded(CARE_HOME_IN_AREA)],
    })  # fmt: skip


async def _align(work: Work, home: _Home, network: str, today: int) -> None:
    """Change the alignment in force when it is to the same network and begins no other day, else make one."""
    first = home.days.first if home.days.first >= 0 else today
    current = await alignment_on(work.connection, home.code, first)
    same = current is not None and current.network == network and home.days.first in (-1, current.days.first)
    if current is not None and same:
        identity, first = current.id, current.days.first
    else:
        identity = deterministic_id(CARE_HOME_ALIGNMENT, home.code, network, str(first))
    before = await work.read("OrganizationAffiliation", identity) or {}
    affiliation: dict[str, Any] = {
        **{name: value for name, value in before.items() if name not in ("meta", "healthcareService")},
        "resourceType": "OrganizationAffiliation",
        "id": identity,
        "active": True,
        "period": period_of(Days(first, home.days.last)),
        "organization": await reference_of(work.connection, network),
        "participatingOrganization": await reference_of(work.connection, home.code),
        "code": [_coded(CARE_HOME_ALIGNMENT)],
    }
    if home.team is not None:
        affiliation["healthcareService"] = [{"reference": home.team}]
    kept = [each for each in before.get("extension") or () if each.get("url") != AGREED_RESPONSIBILITIES]
    agreed = [_agreement(home.agreed, home.responsibilities)] if home.agreed is not None else []
    affiliation.pop("extension", None)
    if kept or agreed:
        affiliation["extension"] = [*kept, *agreed]
    await work.put(affiliation)


def _coded(role: str) -> dict[str, Any]:
    return {"coding": [{"system": AFFILIATION_ROLE, "code": role}]}


def _agreement(agreed: int, responsibilities: tuple[str, ...]) -> dict[str, Any]:
    duties = [{"url": "responsibility", "valueString": each} for each in responsibilities]
    return {
        "url": AGREED_RESPONSIBILITIES,
        "extension": [{"url": "agreed", "valueDate": date_of(agreed).isoformat()}, *duties],
    }
