"""Who may write signatures of an agreement: a party signs for itself alone (AC-033).

An agreement whose parties have signed opens records, so a signature that its party did not give must never stand, and
what others have signed is not changed under their signatures: whoever changes it leaves them out, to be given anew.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tandem.canonical import AGREEMENT_SIGNATURE
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.identity.periods import period_of

FOREIGN_SIGNATURE = (
    "A party to an agreement signs for itself alone. Others sign with $sign; to change what they have signed, leave"
    " their signatures out, and they sign anew"
)
_NOT_SIGNED_FOR = frozenset(("meta", "text", "active", "period", "extension"))


def signatory(extension: dict[str, Any]) -> dict[str, Any] | None:
    """The party that a signature extension names; None for another extension, or when it does not name just one."""
    if extension.get("url") != AGREEMENT_SIGNATURE:
        return None
    parts = [part for part in extension.get("extension") or [] if part.get("url") == "party"]
    return parts[0].get("valueReference") if len(parts) == 1 else None


def signs_for_another(before: Resource | None, after: Resource, own: Collection[str]) -> bool:
    """Whether a write leaves a signature of another party that the party did not give to what is written.

    `own` is the writer's code and every `Organization/id` that stands for it. What others have signed may end sooner.
    """
    standing = _signed_by_others(after, own)
    if not standing:
        return False
    held = [] if before is None else _signed_by_others(before, own)
    return before is None or any(each not in held for each in standing) or not _is_what_was_signed(before, after)


def _signed_by_others(affiliation: Resource, own: Collection[str]) -> list[dict[str, Any]]:
    return [
        each for each in affiliation.get("extension") or []
        if each.get("url") == AGREEMENT_SIGNATURE and reference_code(signatory(each)) not in own
        and any(part.get("url") == "signed" for part in each.get("extension") or [])
    ]  # fmt: skip


def _is_what_was_signed(before: Resource, after: Resource) -> bool:
    (starts, ends), (begins, stops) = period_of(before.get("period")), period_of(after.get("period"))
    revived = before.get("active") is False and after.get("active") is not False
    return (
        _content(before) == _content(after) and _parties(before) <= _parties(after)
        and begins >= starts and stops <= ends and not revived
    )  # fmt: skip


def _content(affiliation: Resource) -> tuple[Resource, list[dict[str, Any]]]:
    terms = [each for each in affiliation.get("extension") or [] if each.get("url") != AGREEMENT_SIGNATURE]
    return {name: value for name, value in affiliation.items() if name not in _NOT_SIGNED_FOR}, terms


def _parties(affiliation: Resource) -> set[str | None]:
    signatures = [each for each in affiliation.get("extension") or [] if each.get("url") == AGREEMENT_SIGNATURE]
    return {reference_code(signatory(each)) for each in signatures}
