"""What a Consent to share the enriched summary record says (003 §2.5 SCR; PCPC-057).

A Consent of category `enriched-summary` (CodeSystem `tandem.canonical.CONSENT_CATEGORY`). The person is asked, and says
yes (active, provision `permit`) or no (active, provision `deny`, or `rejected`); a yes is taken back by `inactive`.
"""

from __future__ import annotations

from typing import Literal

from tandem.fhir.body import Resource
from tandem.identity.carers import ENRICHED_SUMMARY, categories_of

Said = Literal["yes", "no", "withdrawn"]


def said_by(consent: Resource) -> Said | None:
    """What the person said; None when they were not asked by this Consent, or have not answered."""
    if ENRICHED_SUMMARY not in categories_of(consent):
        return None
    status, provision = consent.get("status"), consent.get("provision") or {}
    if status == "inactive":
        return "withdrawn"
    if status == "rejected":
        return "no"
    if status != "active":
        return None
    return "yes" if provision.get("type") == "permit" else "no"
