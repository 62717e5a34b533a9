"""A practice that joins a network is asked to sign what the network has agreed (AC-031)."""

from __future__ import annotations

from datetime import date
from typing import Any

from cohort_service.domain.agreements.agreement import agreement_of, state_of
from cohort_service.domain.agreements.draft import Named
from tandem.canonical import AGREEMENT_SIGNATURE, ODS_CODE
from tandem.fhir.body import Resource


def asked_too(affiliation: Resource, practice: Named, today: date) -> Resource:
    """The agreement with the practice as a party that has not signed, like the first ones.

    Where these have all signed, it is marked as one that joined: what is open for their people stays open. It is named
    by its code as well, so that every service knows at once whose people wait for its signature.
    """
    identifier = {"system": ODS_CODE, "value": practice.code}
    party = {**practice.reference, "identifier": identifier, "display": practice.title}
    parts: list[dict[str, Any]] = [{"url": "party", "valueReference": party}]
    if state_of(agreement_of(affiliation), today) in ("agreed", "active"):
        parts.append({"url": "joined", "valueDate": today.isoformat()})
    signature = {"url": AGREEMENT_SIGNATURE, "extension": parts}
    return {**affiliation, "extension": [*(affiliation.get("extension") or []), signature]}
