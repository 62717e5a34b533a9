"""From a Consent to a recorded dissent: the person's word that closes sharing by agreement.

A Consent counts while it is active and of scope `patient-privacy`
(http://terminology.hl7.org/CodeSystem/consentscope). Its provision of type `deny` closes all sharing when it names no
organisation, else the sharing with those it names; a nested `deny` counts for the organisations that it names. The
registered practice and its network are not affected. What we cannot confine is taken in full: a denial limited to
some data or some people closes the organisation altogether. A Consent that claims a category of our own (to the
enriched summary, to a carer's part) speaks of that alone.
"""

from __future__ import annotations

from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.identity.carers import categories_of
from tandem.identity.derivation import derive, hold
from tandem.identity.organisations import reference_codes
from tandem.identity.references import resolve

EVERYONE = ""


def dissents_of(consent: Resource) -> set[str]:
    """The organisations a Consent closes: codes or `Organization/id`, or EVERYONE."""
    if consent.get("status") != "active" or categories_of(consent):
        return set()
    scopes = {coding.get("code") for coding in (consent.get("scope") or {}).get("coding") or []}
    root = consent.get("provision") or {}
    if "patient-privacy" not in scopes:
        return set()
    found: set[str] = set()
    for provision in [root, *(root.get("provision") or [])]:
        if provision.get("type") == "deny":
            named = reference_codes(actor.get("reference") for actor in provision.get("actor") or [])
            found.update(named or ({EVERYONE} if provision is root else ()))
    return found


async def project_dissents(connection: Connection, source: str, consent: Resource | None, patient: str | None) -> None:
    """Keep the `dissent` rows of one Consent, `Consent/id`, and the access that follows from them."""
    rows = await connection.fetch("SELECT patient, organisation_reference FROM dissent WHERE source = $1", source)
    before = {(row["patient"], row["organisation_reference"]) for row in rows}
    after = {(patient, against) for against in dissents_of(consent)} if consent and patient else set()
    if before == after:
        return
    patients = sorted({str(person) for person, _ in before | after})
    await hold(connection, patients)
    codes = await resolve(connection, (against for _, against in after if against != EVERYONE))
    await connection.execute("DELETE FROM dissent WHERE source = $1", source)
    await connection.executemany(
        "INSERT INTO dissent (source, patient, organisation_reference, organisation) VALUES ($1, $2, $3, $4)",
        [(source, person, against, codes.get(against)) for person, against in sorted(after)],
    )
    for one in patients:
        await derive(connection, "p.id = $1", one, shared_only=True)
