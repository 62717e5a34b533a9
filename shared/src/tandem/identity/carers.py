"""Who may act as a person's carer: RelatedPerson, and the Consent by which the person lets them in.

A Consent counts while it is active, of scope `patient-privacy` and of category `carers-part` (CodeSystem
`tandem.canonical.CONSENT_CATEGORY`). A provision of type `permit` opens the person's own record to each RelatedPerson
that it names as an actor, within the period of Consent and provision; `class` (FHIR types) and `purpose` narrow it.
One of type `deny` closes it again, whatever another Consent permits. The RelatedPerson must be active and related to
the very person who consents. A limit that cannot be kept here (data, codes, labels, actions) opens nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from tandem.canonical import CONSENT_CATEGORY
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.identity.agreement_terms import limits
from tandem.identity.periods import ALWAYS, overlap, period_of

CARERS_PART: Final = "carers-part"
ENRICHED_SUMMARY: Final = "enriched-summary"

_UNKEPT: Final = ("action", "code", "data", "dataPeriod", "securityLabel")
_CARER: Final = re.compile(r"RelatedPerson/([A-Za-z0-9\-.]{1,64})")


@dataclass(frozen=True, slots=True)
class CarersPart:
    """What one Consent says of one RelatedPerson (its id): from, until (microseconds), and within which terms."""

    carer: str
    permits: bool
    starts: int
    ends: int
    terms: str


def categories_of(consent: Resource) -> set[str]:
    """The codes of CONSENT_CATEGORY that a Consent claims."""
    codings = [coding for concept in consent.get("category") or () for coding in concept.get("coding") or ()]
    return {str(coding.get("code")) for coding in codings if coding.get("system") == CONSENT_CATEGORY}


def carers_parts(consent: Resource) -> set[CarersPart]:
    """What a Consent says of carers; nothing unless it is active and of this category."""
    scopes = {coding.get("code") for coding in (consent.get("scope") or {}).get("coding") or ()}
    if consent.get("status") != "active" or "patient-privacy" not in scopes:
        return set()
    if CARERS_PART not in categories_of(consent):
        return set()
    root = consent.get("provision") or {}
    whole = period_of(root.get("period"))
    found: set[CarersPart] = set()
    for provision in (root, *(root.get("provision") or ())):
        permits = provision.get("type") == "permit"
        if not permits and provision.get("type") != "deny":
            continue
        # A refusal is taken in full: from the first to the last, and for all data.
        kept = not any(provision.get(name) or root.get(name) for name in _UNKEPT)
        if permits and not kept:
            continue
        starts, ends = overlap(whole, period_of(provision.get("period"))) if permits else ALWAYS
        terms = f"carer{_terms(root, provision)}" if permits else ""
        found |= {CarersPart(each, permits, starts, ends, terms) for each in _carers(provision) if starts < ends}
    return found


def _terms(root: dict[str, Any], provision: dict[str, Any]) -> str:
    named = [
        [str(coding.get("code") or "") for coding in provision.get(name) or root.get(name) or ()]
        for name in ("purpose", "class")
    ]  # fmt: skip
    return limits(tuple(named[0]), tuple(named[1]))


def _carers(provision: dict[str, Any]) -> set[str]:
    found = set()
    for actor in provision.get("actor") or ():
        match = _CARER.fullmatch(str((actor.get("reference") or {}).get("reference") or ""))
        if match is not None:
            found.add(match[1])
    return found


async def project_carers_parts(
    connection: Connection, source: str, consent: Resource | None, patient: str | None
) -> None:
    """Keep what one Consent, `Consent/id`, says of carers."""
    await connection.execute("DELETE FROM carer_consent WHERE source = $1", source)
    if consent is None or patient is None:
        return
    await connection.executemany(
        "INSERT INTO carer_consent (source, patient, related_person, permits, starts, ends, terms)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            (source, patient, each.carer, int(each.permits), each.starts, each.ends, each.terms)
            for each in carers_parts(consent)
        ],
    )  # fmt: skip


async def project_related_person(
    connection: Connection, identity: str, related: Resource | None, patient: str | None
) -> None:
    """Keep to whom a RelatedPerson is related, while they are; one that is deleted or inactive is to nobody."""
    await connection.execute("DELETE FROM related_person WHERE id = $1", identity)
    if related is None or patient is None or related.get("active") is False:
        return
    starts, ends = period_of(related.get("period"))
    await connection.execute(
        "INSERT INTO related_person (id, patient, starts, ends) VALUES ($1, $2, $3, $4)",
        identity, patient, starts, ends,
    )  # fmt: skip
