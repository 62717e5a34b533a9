"""Signing an agreement: a party signs once, through a user of its own, and for nobody else (AC-033)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from cohort_service.domain.agreements.agreement import agreement_of, state_of
from tandem.canonical import AGREEMENT_SIGNATURE
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import reference_code


def signed(affiliation: Resource, party: Collection[str], user: str, now: datetime, today: date) -> Resource:
    """The agreement with the party's signature. `party` is its code and every `Organization/id` it is known by.

    Raises FhirError 403 when it is no party, 409 when it has signed already, 422 when the agreement has ended.
    """
    own = [each for each in affiliation.get("extension") or [] if _party(each) in party]
    if not own:
        raise FhirError(Kind.FORBIDDEN, "Only a party to the agreement signs it, and only for itself")
    if state_of(agreement_of(affiliation), today) == "ended":
        raise FhirError(Kind.BUSINESS_RULE, "The agreement has ended; draft another")
    if all(any(part.get("url") == "signed" for part in each["extension"]) for each in own):
        raise FhirError(Kind.CONFLICT, "This party has signed the agreement already")
    signature = [
        {"url": "signed", "valueDateTime": to_instant(now)}, {"url": "user", "valueReference": {"reference": user}},
    ]  # fmt: skip
    extensions = [
        {**each, "extension": [_named(each), *_joined(each), *signature]} if any(each is one for one in own) else each
        for each in affiliation["extension"]
    ]
    return {**affiliation, "extension": extensions}


def _party(extension: Resource) -> str | None:
    if extension.get("url") != AGREEMENT_SIGNATURE:
        return None
    return reference_code(_named(extension).get("valueReference"))


def _joined(extension: Resource) -> list[Resource]:
    return [part for part in extension.get("extension") or [] if part.get("url") == "joined"]


def _named(extension: Resource) -> Resource:
    return next((part for part in extension.get("extension") or [] if part.get("url") == "party"), {})
