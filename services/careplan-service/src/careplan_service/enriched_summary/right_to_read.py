"""Whether the caller may have a person's enriched summary now, and what they are told when not (PCPC-058, PCPC-064)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from careplan_service.consents.summary_consents import SummaryConsent, summary_consent
from careplan_service.domain.enriched_summary.readers import Asking, reader_faults
from careplan_service.enriched_summary.shipped_policies import readers
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named, staff_member
from tandem.fhir.auditing import audit_entry
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.person_parameter import person_named
from tandem.identity.access import has_access
from tandem.identity.audit import record
from tandem.identity.caller import Caller
from tandem.london_days import london_date
from tandem.nhs.staff_kinds import staff_kinds

if TYPE_CHECKING:
    from datetime import date

    from tandem.fhir.operation import OperationCall

NAME: Final = "$enriched-summary"
_SOURCE: Final = "003 §2.5 SCR; PCPC-058"
_ABSENT: Final = (
    "There is no enriched summary that you may see: the person is not known here, or does not consent to share it"
    f" ({_SOURCE})"
)
_WHY: Final[dict[str | None, str]] = {
    None: "it is not recorded that the person was asked and answered",
    "no": "the person was asked and said no",
    "withdrawn": "the person took their consent back",
    "yes": "the consent that the person gave has ended, or has not begun",
}


async def person_to_read(call: OperationCall, named: Any) -> str:
    """The Patient.id, when the caller may have the summary.

    Raises FhirError 403 for an organisation that looks after the person, without consent, and for one that does not
    and is no reader by the policy; 404 for such a reader, when the person is not known or does not consent. Each
    refusal leaves its trace for the registered practice.
    """
    kernel, caller, now = call.kernel, call.request.caller, to_micros(call.kernel.clock.now())
    faults: list[Issue] = []
    async with kernel.database.read() as connection:
        patient = await person_named(connection, named)
        known = patient is not None and await _known(connection, patient)
        own = patient is not None and await has_access(
            connection, caller, patient, now, registered_only=kernel.registered_only()
        )
        held = await summary_consent(connection, patient, now) if patient is not None else SummaryConsent()
        if not own:
            asking = await _asking(connection, caller, london_date(kernel.clock.now()))
            faults = list(reader_faults(readers(), asking))
        closed = known and not own and await _dissents(connection, str(patient), caller)
    if known and own and not held.holds:
        text = f"The enriched summary is shared with the person's consent, and {_WHY[held.said]} ({_SOURCE})"
        faults = [Issue(text)]
    if faults:
        await _trace(call, patient if known else None, now)
        raise FhirError(Kind.FORBIDDEN, issues=faults)
    if patient is None or not known or closed or not held.holds:
        raise FhirError(Kind.NOT_FOUND, _ABSENT)
    return patient


async def _known(connection: Connection, patient: str) -> bool:
    return await connection.fetchval("SELECT 1 FROM patient WHERE id = $1 AND deleted = 0", patient) is not None


async def _dissents(connection: Connection, patient: str, caller: Caller) -> bool:
    """Whether the person closed sharing with everybody, or with this organisation: that goes before."""
    found = await connection.fetchval(
        "SELECT 1 FROM dissent WHERE patient = $1 AND (organisation_reference = '' OR organisation = $2) LIMIT 1",
        patient, caller.organisation,
    )  # fmt: skip
    return found is not None


async def _asking(connection: Connection, caller: Caller, day: date) -> Asking:
    organisation = await organisation_named(connection, caller.organisation)
    kinds: set[str] = set()
    staff = await staff_member(connection, _reference(caller.user), day) if caller.user is not None else None
    for role in staff.roles if staff is not None else ():
        if role.organisation is not None and role.organisation.code == caller.organisation:
            kinds |= staff_kinds(role.codes)
    return Asking(organisation.kind if organisation is not None else None, caller.purpose, kinds)


def _reference(user: str) -> str:
    return "/".join(user.rsplit("/", 2)[-2:])


async def _trace(call: OperationCall, patient: str | None, now: int) -> None:
    async with call.kernel.database.transaction() as connection:
        entry = audit_entry(
            call.request, NAME, now, resource_type="Composition", patient=patient, status=Kind.FORBIDDEN.status
        )
        await record(connection, [entry])
