"""What a link worker records as outputs of the Task: contacts, the community asset that was chosen, outcome, closing.

AC-050; 000 §4.12 r6 PCN b2. http://hl7.org/fhir/R4/task-definitions.html#Task.output
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tandem.canonical import SOCIAL_PRESCRIBING_OUTPUT
from tandem.fhir.body import Resource

CONTACT: Final = "contact"
ASSET: Final = "community-asset"
OUTCOME: Final = "outcome"
CLOSED: Final = "case-closed"


@dataclass(slots=True)
class LinkWorkerRecord:
    """FHIR dates or dateTimes as they were recorded; `assets` are references, `outcomes` words."""

    contacts: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    closed: str | None = None


def link_worker_record(task: Resource) -> LinkWorkerRecord:
    """What the outputs of a Task say, in their order; contacts by time."""
    record = LinkWorkerRecord()
    for output in task.get("output") or ():
        kinds = [
            coding.get("code") for coding in (output.get("type") or {}).get("coding") or ()
            if coding.get("system") == SOCIAL_PRESCRIBING_OUTPUT
        ]  # fmt: skip
        for kind in kinds[:1]:
            _take(record, kind, output)
    record.contacts.sort()
    return record


def _take(record: LinkWorkerRecord, kind: str, output: dict[str, Any]) -> None:
    moment = output.get("valueDateTime") or output.get("valueDate") or (output.get("valuePeriod") or {}).get("start")
    if kind == CONTACT and moment:
        record.contacts.append(str(moment))
    elif kind == ASSET:
        reference = output.get("valueReference") or {}
        named = reference.get("reference") or reference.get("display")
        record.assets += [str(named)] if named else []
    elif kind == OUTCOME:
        words = _words(output.get("valueCodeableConcept") or {}) or output.get("valueString")
        record.outcomes += [str(words)] if words else []
    elif kind == CLOSED:
        record.closed = str(moment) if moment else record.closed


def _words(concept: dict[str, Any]) -> str | None:
    texts = [
        concept.get("text"),
        *(coding.get("display") or coding.get("code") for coding in concept.get("coding") or ()),
    ]
    return next((text for text in texts if text), None)
