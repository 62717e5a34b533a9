"""`GET Schedule/[id]/$round-compliance`: whether the rounds of a home meet the specification, as of any day.

EHCH-027 to EHCH-031, EHCH-035, EHCH-084, EHCH-085. It is worked out from the rounds when it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from mdt_service.domain.home_rounds.agreed_parts import fulfilled
from mdt_service.domain.home_rounds.codes import SUBSTITUTE
from mdt_service.domain.home_rounds.consistency import consistency
from mdt_service.domain.home_rounds.policy import RoundPolicy
from mdt_service.domain.home_rounds.rhythm import gp_gaps, missed_weeks
from mdt_service.home_rounds.answers import series_asked
from mdt_service.home_rounds.policy_rows import policy_on
from mdt_service.home_rounds.round_rows import JudgedRound, judged
from mdt_service.home_rounds.round_team import organisations_of
from mdt_service.home_rounds.round_timers import owed_from
from mdt_service.home_rounds.series_rows import SeriesRow, areas_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import names_of
from tandem.events.inbox_tables import among
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_or_today, only, optional_day
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, number, numbered_day, on_day, parts, reference, text, yes
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def round_compliance(call: OperationCall) -> FhirResponse:
    """`from` and `to` (the rounds shown; else all up to `as-of`), `as-of` (else today).

    The rounds that were held, the weeks `missed` (their Mondays), each `gp-led-breach`, the `team` with the share of
    it that was present each time, and each `part` that was agreed. Raises FhirError 400, 404, 422.
    """
    only(call, ("from", "to", "as-of"))
    as_of, first = day_or_today(call, "as-of"), optional_day(call, "from")
    last = optional_day(call, "to") or as_of
    if first is not None and last < first:
        raise FhirError(Kind.BAD_REQUEST, "from is not after to", expression="from")
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        _, series = await series_asked(call, connection)
        policy = await policy_on(connection, await areas_of(connection, series, now), as_of)
        rounds = [each for each in await judged(connection, series, now) if each.row.day <= day_number(as_of)]
        within = range(day_number(first) if first else 0, day_number(last) + 1)
        shown = [each for each in rounds if each.row.day in within]
        told = [
            text("home", series.home), on_day("as-of", as_of),
            text("policy", policy.version), *_rhythm(series, rounds, policy, day_number(as_of), within),
            *await _team(connection, series, rounds, policy), *_rounds(shown),
            *await _parts(connection, series, shown),
        ]  # fmt: skip
    await audit_reads(
        call.kernel.database, call.request, "$round-compliance", "Schedule", {None}, now, resource_id=call.id
    )
    return answer(told)


def _rhythm(
    series: SeriesRow, rounds: Sequence[JudgedRound], policy: RoundPolicy, as_of: int, within: range
) -> list[Parameter]:  # fmt: skip
    held, start = [each.as_held for each in rounds], owed_from(series, policy)
    missed = [each for each in missed_weeks(held, start, series.last, as_of) if each in within]
    gaps = [
        each for each in gp_gaps(held, start, series.last, as_of, policy.most_days)
        if each.broken < within.stop and (each.until is None or each.until >= within.start)
    ]  # fmt: skip
    told = [numbered_day("owed-from", start), *(numbered_day("missed", each) for each in missed)]
    for gap in gaps:
        inner = [numbered_day("since", gap.since), numbered_day("breached", gap.broken)]
        inner += [numbered_day("until", gap.until)] if gap.until is not None else []
        told.append(parts("gp-led-breach", [*inner, number("most-days", policy.most_days)]))
    return told


async def _team(
    connection: Connection, series: SeriesRow, rounds: Sequence[JudgedRound], policy: RoundPolicy
) -> list[Parameter]:  # fmt: skip
    present = [{member.who for member in each.row.present} for each in rounds]
    found = consistency(present, series.team, policy.consistency_rounds, policy.consistency_share)
    names = await names_of(connection, found.core)
    core = [
        parts("member", [reference("who", each), *([text("name", names[each])] if each in names else [])])
        for each in found.core
    ]
    looked_at = rounds[-policy.consistency_rounds :]
    shares = [
        parts("present", [
            reference("appointment", f"Appointment/{each.row.appointment}"), numbered_day("date", each.row.day),
            {"name": "share", "valueDecimal": round(share, 2)},
        ])
        for each, share in zip(looked_at, found.shares, strict=True)
    ]  # fmt: skip
    mean = {"name": "mean-share", "valueDecimal": round(found.mean, 2)}
    return [parts("team", [*core, *shares, mean, yes("low-consistency", found.low)])]


def _rounds(rounds: Sequence[JudgedRound]) -> list[Parameter]:
    shown = []
    for each in rounds:
        leader = each.row.leader
        kinds = [text("leader-kind", kind) for kind in sorted(leader.kinds)] if leader is not None else []
        shown.append(parts("round", [
            reference("appointment", f"Appointment/{each.row.appointment}"), numbered_day("date", each.row.day),
            text("mode", each.row.mode), *([reference("leader", leader.who)] if leader is not None else []), *kinds,
            yes("counts", each.counts), yes("gp-led", each.counts and each.gp_led), text("policy", each.policy.version),
        ]))  # fmt: skip
    return shown


async def _parts(connection: Connection, series: SeriesRow, rounds: Sequence[JudgedRound]) -> list[Parameter]:
    prepared = await _prepared(connection, [each.row.appointment for each in rounds])
    shown = []
    for agreed in series.parts:
        if agreed.part == SUBSTITUTE:
            continue
        inner = [
            text("organisation", agreed.organisation), text("part", agreed.part), numbered_day("agreed", agreed.agreed),
        ]  # fmt: skip
        for each in rounds:
            if agreed.holds_on(each.row.day):
                row = each.row
                leader = next(iter(row.leader.organisations & {agreed.organisation}), None) if row.leader else None
                did = fulfilled(
                    agreed.part, agreed.organisation, leader, organisations_of(row.present),
                    prepared.get(row.appointment, ()),
                )  # fmt: skip
                inner.append(parts("round", [
                    reference("appointment", f"Appointment/{row.appointment}"), numbered_day("date", row.day),
                    text("state", "fulfilled" if did else "gap"),
                ]))  # fmt: skip
        shown.append(parts("part", inner))
    return shown


async def _prepared(connection: Connection, appointments: Sequence[str]) -> dict[str, Collection[str]]:
    if not appointments:
        return {}
    condition, values = among(connection.dialect, "appointment", 1, appointments)
    rows = await connection.fetch(
        f"SELECT DISTINCT appointment, organisation FROM round_preparation WHERE {condition}", *values
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["appointment"], set()).add(row["organisation"])
    return dict(found)
