"""An agreement as its OrganizationAffiliation says it, and how it stands on a day (AC-031, AC-033).

It is active only when every party has signed and its period has begun; unsigned after the day it was due, it is
overdue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE, BASE
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import BEGINNING, FOREVER, bounds, period_of
from tandem.london_days import london_date

AGREEMENT_DOCUMENT = f"{BASE}/StructureDefinition/agreement-document"
"""Extension on OrganizationAffiliation: `template` (id@version), `text` (markdown), `due` (date) and `requirement`
(canonical of the requirement's version that was in force when it was drafted)."""
AGREEMENT_SYSTEM = f"{BASE}/Id/agreement"
"""One agreement with several partners is one OrganizationAffiliation a partner, all with the same identifier."""
ROLES = ("sharing-agreement", "mdt-agreement", "governance-agreement", "support-coordination-agreement")
SIGNED_BY = date(2020, 6, 30)
"""The day by which data sharing agreements are to be signed (000 §4.12, requirement 2)."""

State = Literal["draft", "overdue", "agreed", "active", "ended"]
"""`agreed` is signed by every party, before its period begins."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One party, with the London day it signed on and who signed for it; None while it has not.

    `joined` is the day on which it joined the network, when the others had signed by then.
    """

    party: dict[str, Any]
    signed: str | None
    user: str | None
    joined: date | None = None

    @property
    def day(self) -> date | None:
        """The day of the signature; None while there is none."""
        return london_day(bounds(self.signed)[0]) if self.signed else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """`starts` and `ends` are the first and the last day, None where open; `due` is the day to be signed by."""

    role: str
    signatures: tuple[Signature, ...]
    starts: date | None
    ends: date | None
    due: date | None
    active: bool


def role_of(affiliation: Resource) -> str | None:
    """Which kind of agreement an OrganizationAffiliation is; None when it is something else."""
    codings = [coding for concept in affiliation.get("code") or [] for coding in concept.get("coding") or []]
    codes = {coding.get("code") for coding in codings if coding.get("system") == AFFILIATION_ROLE}
    return next((role for role in ROLES if role in codes), None)


def london_day(micros: int) -> date:
    """The day in London of a moment in microseconds."""
    return london_date(from_micros(micros))


def agreement_of(affiliation: Resource) -> Agreement:
    """What an OrganizationAffiliation that is an agreement says. Only for one whose `role_of` is not None."""
    role = role_of(affiliation)
    assert role is not None, "asked of an agreement"
    starts, ends = period_of(affiliation.get("period"))
    stated = document(affiliation).get("due", {}).get("valueDate")
    due = date.fromisoformat(stated) if stated else SIGNED_BY if role == "sharing-agreement" else None
    return Agreement(
        role, tuple(signatures(affiliation)), london_day(starts) if starts > BEGINNING else None,
        london_day(ends) - timedelta(days=1) if ends < FOREVER else None, due, affiliation.get("active") is not False,
    )  # fmt: skip


def signatures(affiliation: Resource) -> list[Signature]:
    """The parties named by the signature extensions, in order."""
    found = []
    for extension in affiliation.get("extension") or []:
        if extension.get("url") == AGREEMENT_SIGNATURE:
            parts = {part.get("url"): part for part in extension.get("extension") or []}
            user = parts.get("user", {}).get("valueReference", {}).get("reference")
            signed = parts.get("signed", {}).get("valueDateTime")
            joined = parts.get("joined", {}).get("valueDate")
            party = parts.get("party", {}).get("valueReference") or {}
            found.append(Signature(party, signed, user, date.fromisoformat(joined) if joined else None))
    return found


def document(affiliation: Resource) -> Mapping[str, dict[str, Any]]:
    """The parts of the document extension by name; empty for an agreement that was not drafted from a template."""
    for extension in affiliation.get("extension") or []:
        if extension.get("url") == AGREEMENT_DOCUMENT:
            return {part["url"]: part for part in extension.get("extension") or []}
    return {}


def state_of(agreement: Agreement, day: date, *, chased: bool = True) -> State:
    """How an agreement stands at the end of a day. `chased` is whether the duty to sign is in force for its network.

    A practice that joined when all had signed takes nothing back from the others: its people wait for its signature.
    """
    if not agreement.active or (agreement.ends is not None and day > agreement.ends):
        return "ended"
    first = [one for one in agreement.signatures if one.joined is None]
    if not first or any(one.day is None or one.day > day for one in first):
        late = agreement.due is not None and day > agreement.due
        return "overdue" if late and chased else "draft"
    return "agreed" if agreement.starts is not None and day < agreement.starts else "active"
