"""What a patient or carer may write: answers of their own, and a note of their own on the plan.

Nothing else of a record is theirs to write. What may be written is looked at here; that the record is theirs to see
was asked before.
"""

from __future__ import annotations

from typing import Any, Final

from tandem.fhir.body import Resource

NOT_THEIRS: Final = (
    "A patient or carer writes answers of their own (a QuestionnaireResponse with themself as source or author), and"
    " adds notes of their own to the plan by CarePlan/[id]/$contribute; nothing else"
)
_STAMPED: Final = ("meta", "text")


def is_own_write(user: str, resource_type: str, before: Resource | None, after: Resource | None) -> bool:
    """Whether `user` (`Patient/x` or `RelatedPerson/x`) may make this change."""
    if after is None:
        return False
    if resource_type == "QuestionnaireResponse":
        return _is_own_response(user, after) and (before is None or _is_own_response(user, before))
    if resource_type == "CarePlan" and before is not None:
        return _adds_own_words(user, before, after)
    return False


def _is_own_response(user: str, response: Resource) -> bool:
    named = [_reference(response.get(name)) for name in ("source", "author") if response.get(name) is not None]
    return bool(named) and all(each == user for each in named)


def _adds_own_words(user: str, before: Resource, after: Resource) -> bool:
    """Whether the plan differs by notes of the user, and by links to responses, at the end of its lists only."""
    if _bare(before) != _bare(after):
        return False
    notes, links = _added(before, after, "note"), _added(before, after, "supportingInfo")
    if notes is None or links is None:
        return False
    return all(_reference(note.get("authorReference")) == user for note in notes) and all(
        _reference(link).startswith("QuestionnaireResponse/") for link in links
    )


def _bare(plan: Resource) -> Resource:
    return {name: value for name, value in plan.items() if name not in ("note", "supportingInfo", *_STAMPED)}


def _added(before: Resource, after: Resource, name: str) -> list[dict[str, Any]] | None:
    """What follows the items that were there; None when those are not the same."""
    earlier, later = before.get(name) or [], after.get(name) or []
    return later[len(earlier) :] if later[: len(earlier)] == earlier else None


def _reference(reference: Any) -> str:
    return str(reference.get("reference") or "") if isinstance(reference, dict) else ""
