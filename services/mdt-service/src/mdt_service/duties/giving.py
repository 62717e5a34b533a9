"""Giving the duties of a year: a Task for each, once, whoever gives them and however often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mdt_service.domain.duties.catalogue import Occurrence
from mdt_service.domain.duties.duty_task import Holder, duty_id, duty_task
from mdt_service.duties.area import Area, area_of, networks_about
from mdt_service.duties.duty_events import NEW_YEAR
from mdt_service.duties.duty_rows import take, taken
from mdt_service.duties.shipped_catalogue import catalogue
from tandem.clock import to_micros
from tandem.identity.memberships import kind_of_code
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import NETWORK
from tandem.london_days import london_date
from tandem.nhs.financial_year import first_day, following, year_of
from tandem.nhs.working_days import start_of_london_day
from tandem.service import Work


@dataclass(frozen=True, slots=True)
class Given:
    """The ids of the Tasks that were made, and how many had been given before."""

    made: tuple[str, ...]
    before: int


@dataclass(frozen=True, slots=True)
class _Owed:
    occurrence: Occurrence
    owner: str
    network: str | None

    @property
    def task(self) -> str:
        duty = self.occurrence.duty
        return duty_id(duty.requirement, duty.version, self.owner, self.network, self.occurrence.due)


async def give_network(work: Work, network: str, year: str) -> Given:
    """Give a network and everybody who belongs to it now the duties of a year; begins its register.

    Raises ValueError for what is no financial year.
    """
    area = await area_of(work.connection, network, to_micros(work.now))
    given = await _give(work, [owed for each in catalogue().in_force(year) for owed in _of_area(each, area)])
    await work.connection.execute(
        "INSERT INTO duty_register (network) VALUES ($1) ON CONFLICT (network) DO NOTHING", network
    )
    coming = following(year_of(london_date(work.now)))
    await work.schedule(NEW_YEAR, network, start_of_london_day(first_day(coming)), {"network": network, "year": coming})
    return given


async def give_organisation(work: Work, code: str, year: str) -> Given:
    """Give one organisation its own duties of a year. Raises ValueError for what is no financial year."""
    kind = await kind_of_code(work.connection, code)
    networks = [each for each in await networks_about(work.connection, code, to_micros(work.now)) if each != code]
    owed = []
    for each in catalogue().in_force(year):
        if kind in each.duty.given_to:
            per_network = each.duty.per_network and kind != NETWORK
            owed += [_Owed(each, code, network) for network in (networks if per_network else [None])]
    return await _give(work, owed)


def _of_area(occurrence: Occurrence, area: Area) -> Iterator[_Owed]:
    duty = occurrence.duty
    for kind in duty.given_to:
        for owner in area.by_kind.get(kind, ()):
            yield _Owed(occurrence, owner, area.network if duty.per_network and kind != NETWORK else None)


async def _give(work: Work, owed: Sequence[_Owed]) -> Given:
    known = await taken(work.connection, [each.task for each in owed])
    holders: dict[str, Holder] = {}
    made = []
    # In one order whoever gives: two who give the same at once wait for each other.
    for each in sorted(owed, key=lambda one: one.task):
        if each.task in known or not await take(work.connection, each.task):
            continue
        for code in filter(None, (each.owner, each.network)):
            if code not in holders:
                holders[code] = Holder(code, await reference_to(work.connection, code))
        holder = holders[each.owner]
        if each.network is not None:
            about = holders[each.network].reference
            holder = replace(holder, network=each.network, network_reference=about)
        await work.put(duty_task(each.occurrence, holder, work.now))
        made.append(each.task)
    return Given(tuple(made), len(owed) - len(made))


async def in_register(work: Work, network: str) -> bool:
    """Whether a network has begun the register."""
    sql = "SELECT 1 FROM duty_register WHERE network = $1"
    return await work.connection.fetchval(sql, network) is not None
