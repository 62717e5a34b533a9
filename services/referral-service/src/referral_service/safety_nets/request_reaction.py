"""A request opens its safety net in the transaction that makes it active, and every version of it is a fact."""

from __future__ import annotations

from datetime import date
from typing import Final

from referral_service.domain.safety_nets.codes import CONCERN, NET_KINDS, REPLACED
from referral_service.domain.safety_nets.fact import Fact
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.opening import opens_net
from referral_service.domain.safety_nets.record_facts import request_facts
from referral_service.domain.suspected_cancer.claim import made_on
from referral_service.domain.suspected_cancer.patient_information import is_informed
from referral_service.loops.identifier_rows import claim_identifiers, release_identifiers
from referral_service.safety_nets.fact_rows import (
    add_fact,
    hold_nets,
    keep_terms,
    next_moment,
    terms_by_request,
    terms_of,
)
from referral_service.safety_nets.keep_net import keep_net
from referral_service.safety_nets.network_days import step_days
from referral_service.safety_nets.responsible_practice import network_of
from referral_service.safety_nets.shipped_policies import policy_on
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.identity.registered_practice import registered_practice
from tandem.nhs.shipped_referral_kinds import kind_of
from tandem.service import Change, Work

_GONE: Final = "entered-in-error"


async def keep_net_of_request(change: Change, work: Work) -> None:
    """Open the net (ECD-022, ECD-029), and bring it in step with the request."""
    kinds = {kind.code for kind in (kind_of(change.before), kind_of(change.after)) if kind is not None}
    if change.patient is None or not kinds & set(NET_KINDS):
        return
    request = change.after or {**(change.before or {}), "status": _GONE}
    if CONCERN in kinds:
        await _hold_identifiers(request, work)
    terms = await terms_of(work.connection, change.id)
    opened = terms is None and await _open(change, work)
    terms = terms or await terms_of(work.connection, change.id)
    if terms is None:
        return
    at = await next_moment(work.connection, change.id, change.now)
    informed = is_informed(request, change.now)
    version = _version(change)
    for fact in request_facts(request, version, at, concern=terms.kind == CONCERN, informed=informed):
        await add_fact(work.connection, change.id, change.patient, fact)
    await keep_net(work, change.id)
    if opened:
        await _take_place(change, work)


async def _hold_identifiers(concern: Resource, work: Work) -> None:
    """A concern asks nobody and is followed by no loop, but is sent once all the same. Raises FhirError 409."""
    if concern.get("status") == _GONE:
        await release_identifiers(work.connection, concern["id"])
    else:
        await claim_identifiers(work.connection, concern, target_ids(concern.get("replaces"), "ServiceRequest"))


async def _open(change: Change, work: Work) -> bool:
    request = change.after
    kind = kind_of(request)
    if request is None or kind is None or change.patient is None:
        return False
    day = made_on(request, change.now)
    policy = policy_on(day)
    if policy is None or not opens_net(request, kind.code, policy):
        return False
    network = await network_of(work.connection, await registered_practice(work.connection, change.patient), change.now)
    days = await step_days(work.connection, policy, network, day)
    terms = NetTerms(
        change.id, change.patient, kind.code, day, change.now, policy.version, policy.steps[kind.code], days.days,
        days.protocol, await _waits_since(change, work, day),
    )  # fmt: skip
    return await keep_terms(work.connection, terms, change.caller.organisation)


async def _waits_since(change: Change, work: Work, day: date) -> date:
    replaced = target_ids((change.after or {}).get("replaces"), "ServiceRequest")
    found = (await terms_by_request(work.connection, replaced)).values()
    return min([day, *(each.waits_since for each in found if each.patient == change.patient)])


async def _take_place(change: Change, work: Work) -> None:
    """The net of what this request replaces is carried on by its own, once that one is withdrawn."""
    replaced = target_ids((change.after or {}).get("replaces"), "ServiceRequest")
    await hold_nets(work.connection, replaced)
    for request in sorted(replaced):
        terms = await terms_of(work.connection, request)
        if terms is None or terms.patient != change.patient:
            continue
        at = await next_moment(work.connection, request, change.now)
        await add_fact(
            work.connection, request, terms.patient, Fact(f"ServiceRequest/{change.id}#replaces", 1, REPLACED, at, at)
        )
        await keep_net(work, request)


def _version(change: Change) -> int:
    kept: Resource = change.after or change.before or {}
    version = int((kept.get("meta") or {}).get("versionId") or 1)
    return version + 1 if change.after is None else version
