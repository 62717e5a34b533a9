"""Drafting an agreement from a template, with the parties filled in and nobody's signature (AC-084, AC-031)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cohort_service.domain.agreements.agreement import AGREEMENT_DOCUMENT, AGREEMENT_SYSTEM
from cohort_service.domain.agreements.template import Template, filled
from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE, AGREEMENT_TERMS
from tandem.fhir.body import Resource


@dataclass(frozen=True, slots=True)
class Named:
    """A party: its code, what it is called and a Reference to it."""

    code: str
    title: str
    reference: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a draft is made of. `signatories` are the holder's practices, when it is a network; `requirement` is the
    canonical of the requirement that asks for it, None when none does."""

    template: Template
    holder: Named
    signatories: Sequence[Named]
    partners: Sequence[Named]
    purposes: Sequence[str]
    data: Sequence[str]
    starts: date
    ends: date | None
    due: date | None
    requirement: str | None

    @property
    def parties(self) -> list[Named]:
        """Everyone who has to sign, each once."""
        everyone = (self.holder, *self.signatories, *self.partners)
        return list({party.code: party for party in everyone}.values())


def text_of(draft: Draft) -> str:
    """The text of the agreement, as its parties will read it before they sign."""
    return filled(draft.template, {
        "holder": draft.holder.title, "partners": _listed(draft.partners), "parties": _listed(draft.parties),
        "data": "Records of these kinds: " + ", ".join(draft.data) if draft.data else "The whole record",
        "purposes": ", ".join(draft.purposes) or "any purpose of care", "start": draft.starts.isoformat(),
        "end": draft.ends.isoformat() if draft.ends else "the day on which a party ends it",
    })  # fmt: skip


def _listed(parties: Sequence[Named]) -> str:
    return ", ".join(party.title for party in parties)


def affiliations_of(draft: Draft, agreement: str) -> list[Resource]:
    """The OrganizationAffiliations of a draft, all under the identifier `agreement`.

    One for each partner who is to see records, because each names one; an agreement that opens none is one resource.
    """
    if not draft.template.shares:
        return [_affiliation(draft, agreement)]
    return [
        {**_affiliation(draft, agreement), "participatingOrganization": partner.reference} for partner in draft.partners
    ]


def _affiliation(draft: Draft, agreement: str) -> Resource:
    period = {"start": draft.starts.isoformat()} | ({"end": draft.ends.isoformat()} if draft.ends else {})
    coding = {"system": AFFILIATION_ROLE, "code": draft.template.role, "display": draft.template.title}
    return {
        "resourceType": "OrganizationAffiliation",
        "extension": [_document(draft), *_terms(draft), *(_unsigned(party) for party in draft.parties)],
        "identifier": [{"system": AGREEMENT_SYSTEM, "value": agreement}],
        "active": True,
        "period": period,
        "organization": draft.holder.reference,
        "code": [{"coding": [coding]}],
    }


def _document(draft: Draft) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"url": "template", "valueString": draft.template.name},
        {"url": "text", "valueMarkdown": text_of(draft)},
    ]
    if draft.due is not None:
        parts.append({"url": "due", "valueDate": draft.due.isoformat()})
    if draft.requirement is not None:
        parts.append({"url": "requirement", "valueCanonical": draft.requirement})
    return {"url": AGREEMENT_DOCUMENT, "extension": parts}


def _terms(draft: Draft) -> list[dict[str, Any]]:
    parts = [{"url": "purpose", "valueCode": code} for code in draft.purposes]
    parts += [{"url": "data", "valueCode": code} for code in draft.data]
    return [{"url": AGREEMENT_TERMS, "extension": parts}] if draft.template.shares and parts else []


def _unsigned(party: Named) -> dict[str, Any]:
    reference = {**party.reference, "display": party.title}
    return {"url": AGREEMENT_SIGNATURE, "extension": [{"url": "party", "valueReference": reference}]}
