"""`POST Schedule/$plan-rounds`: the weekly rounds of a home, planned for some weeks, with what would break a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mdt_service.domain.home_rounds.codes import IN_PERSON, MODES
from mdt_service.domain.home_rounds.rhythm import WEEK
from mdt_service.domain.home_rounds.round_resource import round_resource, series_resource
from mdt_service.domain.home_rounds.round_transitions import HELD, PLANNED, UNDER_WAY
from mdt_service.home_rounds.homes import names_of_home
from mdt_service.home_rounds.policy_rows import policy_on
from mdt_service.home_rounds.round_rows import judged
from mdt_service.home_rounds.round_warnings import warnings
from mdt_service.home_rounds.series_rows import SeriesRow, areas_of, series_of_home, series_row
from tandem.clock import LONDON, from_micros, to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import one_of, only, optional_text, whole_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, parts, reference, text, yes
from tandem.fhir.reference_parameter import literal_given, staff_given
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.identity.organisation_reference import reference_to
from tandem.ids import deterministic_id
from tandem.london_days import date_of, london_date
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PARAMETERS = ("home", "start", "weeks", "minutes", "mode", "leader", "member", "place")


@dataclass(frozen=True, slots=True)
class _Asked:
    start: datetime
    weeks: int
    minutes: int
    mode: str
    leaders: list[str]
    members: list[str]


async def plan_rounds(call: OperationCall) -> FhirResponse:
    """`home`, `start` (dateTime of the first), `leader` (in turn), and as wished `member`, `weeks` (4), `minutes` (60),
    `mode` (In-person) and `place` (a Location or HealthcareService of the home).

    The caller's active series of the home is carried on; without one it is made. A round that is planned already on a
    day stays as it is. Answers the rounds and a `warning` for each rule that the plan would break. Raises FhirError
    400, 422 for who may not lead or take part and for rounds that overlap; then nothing is planned.
    """
    only(call, _PARAMETERS)
    asked, now = _asked(call), call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        work, home = work_of(call, connection, now), await resolved(connection, call.one("home"), "home")
        owner = call.request.caller.organisation
        await hold(connection, [f"home-round/series/{owner}/{home}"])
        series = await _series(call, work, home, asked)
        planned = await _plan(work, series, asked)
        told = [reference("schedule", f"Schedule/{series.schedule}"), *await _told(work, series, planned)]
        entry = audit_entry(call.request, "$plan-rounds", to_micros(now), resource_type="Schedule")
        await record(connection, [entry])
    return answer(told)


def _asked(call: OperationCall) -> _Asked:
    given = optional_text(call, "start")
    try:
        start = datetime.fromisoformat(given) if given is not None else None
    except ValueError:
        start = None
    if start is None or start.tzinfo is None or not 1970 <= start.year <= 9990:
        wanted = "start is a time with its offset, such as 2020-10-07T10:00+01:00"
        raise FhirError(Kind.BAD_REQUEST, wanted, expression="start")
    weeks, minutes = whole_number(call, "weeks", 4), whole_number(call, "minutes", 60)
    for name, value, most in (("weeks", weeks, 53), ("minutes", minutes, 720)):
        if not 1 <= value <= most:
            raise FhirError(Kind.BAD_REQUEST, f"{name} is a whole number from 1 to {most}", expression=name)
    leaders = staff_given(call, "leader")
    if not leaders:
        raise FhirError(Kind.BAD_REQUEST, "Give the parameter leader: who leads, in turn", expression="leader")
    return _Asked(start, weeks, minutes, one_of(call, "mode", MODES, IN_PERSON), leaders, staff_given(call, "member"))


async def _series(call: OperationCall, work: Work, home: str, asked: _Asked) -> SeriesRow:
    connection, owner = work.connection, call.request.caller.organisation
    found = await series_of_home(connection, await names_of_home(connection, home), owner)
    if found is not None:
        return found
    place = call.one("place")
    named = await reference_to(connection, home)
    actor = (
        {"reference": literal_given(place, "place", ("Location", "HealthcareService"))} if place is not None
        else {"identifier": named["identifier"], "display": "The care home"}
    )  # fmt: skip
    first = london_date(asked.start)
    identity = deterministic_id("home-round-series", owner, home, first.isoformat())
    await work.put(series_resource(identity, named, [actor], first.isoformat(), None))
    made = await series_row(connection, identity)
    assert made is not None, "the reaction on Schedule keeps it"
    return made


async def _plan(work: Work, series: SeriesRow, asked: _Asked) -> list[str]:
    schedule, planned = await work.read("Schedule", series.schedule), []
    assert schedule is not None, "its row says that it is there"
    local = asked.start.astimezone(LONDON)
    for week in range(asked.weeks):
        # By the clock on the wall: a round at ten stays at ten when summer time ends.
        at = (local.replace(tzinfo=None) + timedelta(days=WEEK * week)).replace(tzinfo=LONDON)
        identity = deterministic_id("home-round", series.schedule, at.date().isoformat())
        planned.append(identity)
        if await work.read("Appointment", identity) is None:
            leader = asked.leaders[week % len(asked.leaders)]
            others = [each for each in dict.fromkeys((*asked.leaders, *asked.members)) if each != leader]
            team = [(leader, True), *((each, False) for each in others)]
            await work.put(round_resource(identity, schedule, at, asked.minutes, asked.mode, team))
    return planned


async def _told(work: Work, series: SeriesRow, planned: Sequence[str]) -> list[Parameter]:
    now = to_micros(work.now)
    rounds = await judged(work.connection, series, now, (HELD, UNDER_WAY, *PLANNED))
    told = [each for each in rounds if each.row.appointment in planned]
    shown = []
    for each in told:
        leader = each.row.leader
        shown.append(parts("round", [
            reference("appointment", f"Appointment/{each.row.appointment}"),
            {"name": "start", "valueDateTime": from_micros(each.row.starts).astimezone(LONDON).isoformat()},
            *([reference("leader", leader.who)] if leader is not None else []),
            yes("counts", each.counts), yes("gp-led", each.counts and each.gp_led), text("policy", each.policy.version),
        ]))  # fmt: skip
    if told:
        areas = await areas_of(work.connection, series, now)
        policy = await policy_on(work.connection, areas, date_of(told[-1].row.day))
        shown += [text("warning", each) for each in warnings(series, rounds, told, policy)]
    return shown
