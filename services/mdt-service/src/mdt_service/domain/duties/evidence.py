"""The evidence of a duty: what is shown, of which day, by whom; kept in Task.output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mdt_service.domain.duties.catalogue import Catalogue, Duty
from mdt_service.domain.duties.codes import EVIDENCE, EVIDENCE_KIND
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue


@dataclass(frozen=True, slots=True)
class Evidence:
    """`reference` is such as `DocumentReference/1`, `by` a Reference to who gave it; `until` the last day it holds."""

    kind: str
    what: str
    day: date
    reference: str | None = None
    by: dict[str, Any] | None = None
    until: date | None = None


def faults(evidence: Evidence, duty: Duty | None, catalogue: Catalogue, today: date) -> Iterator[Issue]:
    """What speaks against this evidence for a duty; a duty of nobody's catalogue takes evidence of every kind."""
    accepted = duty.evidence if duty is not None else tuple(catalogue.kinds)
    kind = catalogue.kinds.get(evidence.kind)
    if kind is None or evidence.kind not in accepted:
        says = "; ".join(f"{each} ({catalogue.kinds[each].says})" for each in accepted)
        source = f" {duty.requirement} ({duty.source})" if duty is not None else " this duty"
        yield Issue(f"Evidence of{source} is of kind {says}", "kind")
    elif evidence.reference is not None and evidence.reference.partition("/")[0] not in kind.references:
        yield Issue(f"Evidence of kind {kind.code} refers to {', '.join(kind.references)}", "reference")
    if evidence.day > today:
        yield Issue("Evidence is of today or an earlier day: what is still to come shows nothing", "date")
    if evidence.until is not None and evidence.until < evidence.day:
        yield Issue("until is not before the day the evidence is of", "until")


def output_of(evidence: Evidence) -> dict[str, Any]:
    """The Task.output that holds it."""
    extension: list[dict[str, Any]] = [{"url": "date", "valueDate": evidence.day.isoformat()}]
    if evidence.until is not None:
        extension.append({"url": "until", "valueDate": evidence.until.isoformat()})
    if evidence.by is not None:
        extension.append({"url": "by", "valueReference": evidence.by})
    output: dict[str, Any] = {
        "extension": [{"url": EVIDENCE, "extension": extension}],
        "type": {"coding": [{"system": EVIDENCE_KIND, "code": evidence.kind}]},
    }
    if evidence.reference is None:
        return output | {"valueString": evidence.what}
    return output | {"valueReference": {"reference": evidence.reference, "display": evidence.what}}


def outputs_of(task: Resource | None) -> list[dict[str, Any]]:
    """The outputs of a Task that are evidence with the day it is of."""
    return [each for each in (task or {}).get("output") or [] if _dated(each)]


def day_of(output: dict[str, Any]) -> date:
    """The day that evidence is of."""
    return date.fromisoformat(str(_extension(output, "date")))


def holds_until(outputs: Sequence[dict[str, Any]]) -> date | None:
    """The last day on which any of the evidence still holds; None when some of it holds for good."""
    ends = [_extension(each, "until") for each in outputs]
    if not ends or any(end is None for end in ends):
        return None
    return max(date.fromisoformat(str(end)) for end in ends)


def _dated(output: dict[str, Any]) -> bool:
    codings = (output.get("type") or {}).get("coding") or []
    return any(each.get("system") == EVIDENCE_KIND for each in codings) and _day(_extension(output, "date")) is not None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _extension(output: dict[str, Any], url: str) -> str | None:
    for outer in output.get("extension") or []:
        if outer.get("url") == EVIDENCE:
            for inner in outer.get("extension") or []:
                if inner.get("url") == url:
                    return str(inner.get("valueDate") or "")
    return None
