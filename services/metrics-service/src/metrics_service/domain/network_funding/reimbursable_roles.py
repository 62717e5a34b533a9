"""Roles that are reimbursed, each from its month on (PCN-096 to PCN-098)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from metrics_service.domain.network_funding.entitlements import listed


@dataclass(frozen=True, slots=True)
class Role:
    """`name` is a kind of staff as in `tandem.nhs.staff_kinds`; `first` the first day that is reimbursed."""

    name: str
    title: str
    first: date
    source: str


def roles() -> list[Role]:
    """All of them, in the order in which they begin."""
    return [
        Role(each["role"], each["title"], date.fromisoformat(each["from"]), each["source"]) for each in listed("roles")
    ]


def fault_of_claim(role: str, month: date) -> str | None:
    """Why a role is not reimbursed for a month (its first day); None when it is."""
    found = next((each for each in roles() if each.name == role), None)
    if found is None:
        return f"role is one of {', '.join(each.name for each in roles())} (004 §26)"
    if month < found.first:
        return f"{found.title} is reimbursable from {found.first:%B %Y} ({found.source})"
    return None
