"""`ServiceRequest/[id]/$safety-net`: all steps of a net, what is outstanding, clocks, owner and history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from referral_service.domain.safety_nets.cancer_clocks import NetClock, clocks_of
from referral_service.domain.safety_nets.fact import Fact
from referral_service.domain.safety_nets.obligations import obligations
from referral_service.domain.safety_nets.spans import Span, spans_of
from referral_service.safety_nets.net_answer import Wanted, net_parts
from referral_service.safety_nets.network_days import step_days
from referral_service.safety_nets.responsible_practice import network_of, owner_of
from referral_service.safety_nets.seen_net import GRACE, SeenNet, seen_net
from referral_service.safety_nets.shipped_policies import policy_named, policy_on
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import moment_or_now, only
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.registered_practice import registered_practice
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def safety_net(call: OperationCall) -> FhirResponse:
    """The net of the request at `as-of` (now). Raises FhirError 400, 404."""
    only(call, ("as-of",))
    moment = moment_or_now(call, "as-of")
    async with call.kernel.database.read() as connection:
        net = await seen_net(call, connection)
        told = await net_told(connection, net, moment)
    now = to_micros(call.kernel.clock.now())
    await audit_reads(
        call.kernel.database, call.request, "$safety-net", "ServiceRequest", {net.terms.patient}, now,
        resource_id=call.id,
    )  # fmt: skip
    return answer(told)


async def net_told(connection: Connection, net: SeenNet, moment: datetime) -> list[Parameter]:
    """Everything about a net at a moment; nothing but that before it opened."""
    terms = net.terms
    spans = [each for each in spans_of(terms, net.facts) if each.since <= moment + GRACE]
    if not spans:
        return [instant("as-of", moment)]
    owner = await owner_of(connection, terms.request, terms.patient)
    wanted = await wanted_of(connection, await registered_practice(connection, terms.patient), moment)
    known = net.known(moment)
    return [
        instant("as-of", moment), *net_parts(terms, known, spans[-1], owner, wanted, moment),
        *_outstanding(net, moment), *_clocks(net, moment), *map(_span, spans), *map(_fact, known),
        text("source", policy_named(terms.policy).source),
    ]  # fmt: skip


async def wanted_of(connection: Connection, practice: str | None, moment: datetime) -> Wanted:
    """What the network of a practice asks for on the day of a moment; the shipped policy where it has no protocol."""
    day = london_date(moment)
    policy = policy_on(day) or policy_on(day.max)
    assert policy is not None, "the file has a policy"
    days = await step_days(connection, policy, await network_of(connection, practice, moment), day)
    return Wanted(days.days, days.protocol or policy.version)


def _outstanding(net: SeenNet, moment: datetime) -> Iterator[Parameter]:
    episode = net.episode(moment)
    for each in obligations(net.terms, episode) if episode is not None else ():
        yield parts("outstanding", [coded("state", each.state), instant("due", each.due)])


def _clocks(net: SeenNet, moment: datetime) -> Iterator[Parameter]:
    for each in clocks_of(net.terms, policy_named(net.terms.policy).clocks, net.known(moment)):
        yield parts("clock", _clock(each, moment))


def _clock(clock: NetClock, moment: datetime) -> list[Parameter]:
    inner = [
        coded("kind", clock.rule.kind), instant("starts", clock.starts), instant("due", clock.due),
        text("rule", f"{clock.rule.title}: {clock.rule.days} calendar days from the day of the referral"),
        text("source", clock.rule.source),
    ]  # fmt: skip
    ended = [each for each in (clock.stopped, clock.closed) if each is not None]
    for name, ending in (("stopped", clock.stopped), ("closed", clock.closed)):
        if ending is not None:
            inner += [instant(name, ending[0]), text("how", ending[1])]
    until = min((each[0] for each in ended), default=moment)
    return [*inner, yes("met", until <= clock.due)] if clock.stopped or until > clock.due else inner


def _span(span: Span) -> Parameter:
    inner = [coded("state", span.state), instant("since", span.since)]
    return parts("history", inner + ([instant("until", span.until)] if span.until is not None else []))


def _fact(fact: Fact) -> Parameter:
    inner = [text("source", fact.source), coded("kind", fact.kind), instant("known", fact.at)]
    inner.append(instant("happened", fact.happened))
    for name, value in fact.detail.items():
        if name == "content" or value in (None, [], False):
            continue
        told = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        inner.append(text(name.replace("_", "-"), told))
    return parts("fact", inner)
