"""A carer's views without the person's consent are refused (003 §2.3 ex7; PCPC-044)."""

from __future__ import annotations

from careplan_service.domain.consents.carer_views import NO_CONSENT, carer_named, carer_views
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.service import Change, Work


async def carer_views_have_consent(change: Change, work: Work) -> None:
    """Refuses a response whose answers to `carer-view` are new or changed, while no Consent lets the carer in."""
    views = carer_views(change.after)
    if not views or change.after is None or change.patient is None or views == carer_views(change.before):
        return
    carer = carer_named(change.after)
    if not await _consented(work.connection, change.patient, carer, to_micros(change.now)):
        place = "QuestionnaireResponse.item.where(linkId='carer-view')"
        raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(NO_CONSENT, place)])


async def _consented(connection: Connection, patient: str, carer: str | None, now_us: int) -> bool:
    """Whether a Consent lets this carer in; any carer, when the response names none."""
    params: list[object] = [patient, now_us]
    named = ""
    if carer is not None:
        params.append(carer)
        named = " AND c.related_person = $3"
    found = await connection.fetchval(
        "SELECT 1 FROM carer_consent c WHERE c.patient = $1 AND c.permits = 1 AND c.starts <= $2 AND c.ends > $2"
        f"{named}"
        " AND NOT EXISTS (SELECT 1 FROM carer_consent d WHERE d.patient = c.patient"
        " AND d.related_person = c.related_person AND d.permits = 0) LIMIT 1", *params,
    )  # fmt: skip
    return found is not None
