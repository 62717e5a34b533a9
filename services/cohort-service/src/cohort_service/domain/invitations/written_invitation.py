"""What a Communication says of an offer: a letter in preparation, one that was sent, or one that will not be."""

from __future__ import annotations

from dataclasses import dataclass

from cohort_service.domain.invitations.letters import CATEGORY_SYSTEM, INVITATION
from cohort_service.domain.invitations.progress import StepKind
from tandem.fhir.body import Resource

_OVER = ("not-done", "stopped", "entered-in-error")


@dataclass(frozen=True, slots=True)
class WrittenInvitation:
    """`group` is the id of the list it is about; `sent` the FHIR dateTime of a letter that was sent."""

    group: str
    kind: StepKind
    sent: str | None


def written_invitation(communication: Resource | None) -> WrittenInvitation | None:
    """None for a Communication that is no invitation to a list."""
    group = _group(communication or {})
    if communication is None or group is None or not _is_invitation(communication):
        return None
    status, sent = communication.get("status"), communication.get("sent")
    if status == "completed" and sent:
        return WrittenInvitation(group, "invited", str(sent))
    return WrittenInvitation(group, "withdrawn" if status in _OVER else "letter-requested", None)


def _is_invitation(communication: Resource) -> bool:
    codings = [coding for each in communication.get("category") or () for coding in each.get("coding") or ()]
    return any(each.get("system") == CATEGORY_SYSTEM and each.get("code") == INVITATION for each in codings)


def _group(communication: Resource) -> str | None:
    references = [str(each.get("reference") or "") for each in communication.get("about") or ()]
    return next((each.removeprefix("Group/") for each in references if each.startswith("Group/")), None)
