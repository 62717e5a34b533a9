"""The rows of facts, and what was settled when a net opened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from referral_service.domain.safety_nets.fact import Fact
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.safety_nets.shipped_policies import policy_named
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection, Row
from tandem.events.inbox_tables import among
from tandem.fhir.body import decode, encode
from tandem.fhir.store import hold


async def hold_nets(connection: Connection, requests: Collection[str]) -> None:
    """One transaction at a time works out a net: as a write of the request does, it holds the request."""
    await hold(connection, [("ServiceRequest", each) for each in sorted(requests)])


async def add_fact(connection: Connection, request: str, patient: str, fact: Fact) -> None:
    """Keep a version of what a source says; heard again, it changes nothing."""
    await connection.execute(
        "INSERT INTO safety_net_fact (request, source, version, patient, kind, at, happened, detail)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (request, source, version) DO NOTHING",
        request, fact.source, fact.version, patient, fact.kind, to_micros(fact.at), to_micros(fact.happened),
        encode(dict(fact.detail)),
    )  # fmt: skip


async def requests_of(connection: Connection, source: str) -> set[str]:
    """The requests that a source said something of so far."""
    rows = await connection.fetch("SELECT DISTINCT request FROM safety_net_fact WHERE source = $1", source)
    return {row["request"] for row in rows}


async def next_moment(connection: Connection, request: str, now: datetime) -> datetime:
    """Now, or right after the last fact of the request: what is done later counts as later, also when clocks stand."""
    last = await connection.fetchval("SELECT MAX(at) FROM safety_net_fact WHERE request = $1", request)
    return now if last is None or last < to_micros(now) else from_micros(last) + timedelta(microseconds=1)


async def facts_of(connection: Connection, terms: NetTerms) -> list[Fact]:
    """What is known of one net: only what was said of the same person."""
    return (await facts_by_net(connection, [terms]))[terms.request]


async def facts_by_net(connection: Connection, nets: Sequence[NetTerms]) -> dict[str, list[Fact]]:
    """The same for many, by request."""
    found: dict[str, list[Fact]] = {each.request: [] for each in nets}
    if not nets:
        return found
    people = {each.request: each.patient for each in nets}
    condition, params = among(connection.dialect, "request", 1, sorted(people))
    rows = await connection.fetch(f"SELECT * FROM safety_net_fact WHERE {condition} ORDER BY at, source", *params)
    for row in rows:
        if row["patient"] == people[row["request"]]:
            found[row["request"]].append(_fact(row))
    return found


async def keep_terms(connection: Connection, terms: NetTerms, author: str) -> bool:
    """Open a net, once; whether it was opened now."""
    opened = await connection.execute(
        "INSERT INTO safety_net (request, patient, kind, day, first_day, opened, policy, protocol, days, author)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (request) DO NOTHING",
        terms.request, terms.patient, terms.kind, terms.day.isoformat(), terms.waits_since.isoformat(),
        to_micros(terms.opened), terms.policy, terms.protocol, encode(dict(terms.days)), author,
    )  # fmt: skip
    return opened == 1


async def terms_of(connection: Connection, request: str) -> NetTerms | None:
    """What was settled when the net of a request opened; None when it has none."""
    return (await terms_by_request(connection, [request])).get(request)


async def terms_by_request(connection: Connection, requests: Collection[str]) -> dict[str, NetTerms]:
    """The same for many."""
    if not requests:
        return {}
    condition, params = among(connection.dialect, "request", 1, sorted(requests))
    rows = await connection.fetch(f"SELECT * FROM safety_net WHERE {condition}", *params)
    return {row["request"]: terms_in(row) for row in rows}


def terms_in(row: Row) -> NetTerms:
    """The terms of a row of `safety_net`."""
    policy = policy_named(row["policy"])
    return NetTerms(
        row["request"], row["patient"], row["kind"], date.fromisoformat(row["day"]), from_micros(row["opened"]),
        row["policy"], policy.steps[row["kind"]], decode(bytes(row["days"])), row["protocol"],
        date.fromisoformat(row["first_day"]),
    )  # fmt: skip


def _fact(row: Row) -> Fact:
    return Fact(
        row["source"], row["version"], row["kind"], from_micros(row["at"]), from_micros(row["happened"]),
        decode(bytes(row["detail"])),
    )  # fmt: skip
