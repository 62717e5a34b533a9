"""A provider asks others for support, or manages what was asked, by local agreement alone (AC-056)."""

from __future__ import annotations

from referral_service.domain.referral_loop import OVER, performer_organisation
from referral_service.domain.support.coordination import OF_THEMSELVES, is_coordinated, refusal
from referral_service.loops.requester import code_of_reference
from referral_service.support.shipped_policies import coordination_policy
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import NETWORK, kind_by_form, reference_code
from tandem.local_agreements.handlers import SUPPORT_COORDINATION_AGREEMENT
from tandem.local_agreements.queries import agreement_between
from tandem.london_days import london_date
from tandem.service import Change, Work


async def coordinated_by_agreement(change: Change, work: Work) -> None:
    """Raises FhirError 422 for a provider that coordinates support of others without an agreement in force.

    What is asked of the caller itself, and the end of what it asked for itself, need none.
    """
    caller = change.caller
    if caller.service is not None or caller.sees_all or not is_coordinated(change.before, change.after):
        return
    kind = await work.connection.fetchval("SELECT kind FROM organisation WHERE code = $1", caller.organisation)
    if (kind or kind_by_form(caller.organisation)) in OF_THEMSELVES:
        return
    if await _of_its_own(work.connection, change):
        return
    around = await _primary_care_of(work, change.patient)
    agreed = await agreement_between(
        work.connection, SUPPORT_COORDINATION_AGREEMENT, caller.organisation, around - {caller.organisation},
        to_micros(work.now),
    )  # fmt: skip
    text = refusal(coordination_policy(), london_date(work.now), agreed=agreed is not None)
    if text is not None:
        raise FhirError(Kind.BUSINESS_RULE, text, expression="ServiceRequest.performer")


async def _of_its_own(connection: Connection, change: Change) -> bool:
    caller = change.caller.organisation
    versions = [each for each in (change.before, change.after) if each is not None]
    if all([await _named(connection, performer_organisation(each)) == caller for each in versions]):
        return True
    ended = change.after is None or change.after.get("status") in OVER
    before = change.before
    return ended and before is not None and await _named(connection, before.get("requester")) == caller


async def _named(connection: Connection, reference: Resource | None) -> str | None:
    named = reference_code(reference)
    return await code_of_reference(connection, named) if named is not None else None


async def _primary_care_of(work: Work, patient: str | None) -> set[str]:
    """The person's practice, and the networks that it is a member of."""
    connection, at = work.connection, to_micros(work.now)
    practice = await connection.fetchval("SELECT practice FROM patient WHERE id = $1", patient or "")
    if practice is None:
        return set()
    rows = await connection.fetch(
        "SELECT DISTINCT m.holder FROM membership m JOIN organisation o ON o.code = m.holder WHERE m.member = $1"
        " AND m.starts <= $2 AND m.ends > $2 AND o.kind = $3 AND o.active = 1", practice, at, NETWORK,
    )  # fmt: skip
    return {practice, *(row["holder"] for row in rows)}
