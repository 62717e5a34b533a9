"""What mdt-service is asked for: the data of `tandem.communication.requested`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cohort_service.domain.invitations.letters import LetterOfService
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.fhir.human_name import name_in_use

_OLD = ("old", "temp", "billing")


def letter_request(
    communication: str, letter: LetterOfService, group: str, practice: dict[str, Any], patient: Resource,
    needs: dict[str, Any], now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """`communication` is the id the letter is to have, `group` the id of the list; `practice` see `practice_words`."""
    return {
        "communication": communication, "letter": letter.letter, "topic": letter.topic, "group": f"Group/{group}",
        "practice": practice, "needs": needs, "authoredOn": to_instant(now),
        "person": {"name": name_in_use(patient), "address": address_of(patient)},
    }  # fmt: skip


def practice_words(organization: Resource | None, reference: dict[str, Any]) -> dict[str, Any]:
    """Who writes: `reference`, and as far as they are known `name`, `address` (lines) and `phone`."""
    held = organization or {}
    phones = [each.get("value") for each in held.get("telecom") or () if each.get("system") == "phone"]
    return {
        "reference": reference, "name": held.get("name") or "", "address": address_of(held),
        "phone": next((str(each) for each in phones if each), ""),
    }  # fmt: skip


def address_of(resource: Resource) -> list[str]:
    """The lines of the present address."""
    addresses = [each for each in resource.get("address") or () if each.get("use") not in _OLD]
    if not addresses:
        return []
    first = addresses[0]
    lines = [*(first.get("line") or ()), first.get("city"), first.get("district"), first.get("postalCode")]
    written = [str(line) for line in lines if line]
    return written or ([str(first["text"])] if first.get("text") else [])
