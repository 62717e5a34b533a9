"""The Parameters of `$contribute`, read into what is to be written. Every fault is told, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tandem.clock import to_instant
from tandem.fhir.body import Resource, parse_resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.provenance import user_reference
from tandem.identity.caller import Caller

_REFERENCES = ("addresses", "supportingInfo")
_RESOURCES = {"goal": "Goal", "response": "QuestionnaireResponse"}
NAMES = ("goal", "response", "activity", "note", *_REFERENCES, "identifier")
_MOST = 200
_REPEATED = {"reasonCode", "reasonReference", "goal", "performer", "instantiatesCanonical", "instantiatesUri"}
_SINGLE = {
    "kind",
    "code",
    "status",
    "statusReason",
    "doNotPerform",
    "location",
    "dailyAmount",
    "quantity",
    "description",
}
_CHOICE = {"scheduled": ("Timing", "Period", "String"), "product": ("CodeableConcept", "Reference")}
"""Elements of `CarePlan.activity.detail` (http://hl7.org/fhir/R4/careplan-definitions.html#CarePlan.activity.detail)."""


@dataclass(frozen=True, slots=True)
class Given:
    """One parameter: `place` is its FHIRPath, `value` its resource, element or text."""

    name: str
    place: str
    value: Any


@dataclass(slots=True)
class Asked:
    """What was posted, by name and in order; `identifier` is the name of the contribution, if it has one."""

    given: list[Given] = field(default_factory=list)
    identifier: str | None = None

    def of(self, name: str) -> list[Given]:
        """The parameters of one name."""
        return [each for each in self.given if each.name == name]


def contribution_asked(body: bytes, caller: Caller, now: datetime) -> Asked:
    """The contribution. Raises FhirError 400 with every fault of its form."""
    posted = parse_resource(body) if body else {}
    parameters = posted.get("parameter")
    if posted.get("resourceType") != "Parameters" or not isinstance(parameters, list) or not parameters:
        raise FhirError(Kind.BAD_REQUEST, f"Post Parameters with some of {', '.join(NAMES)}", expression="Parameters")
    if len(parameters) > _MOST:
        raise FhirError(Kind.TOO_COSTLY, f"A contribution has {_MOST} parameters at most", expression="Parameters")
    asked, faults = Asked(), []
    for number, parameter in enumerate(parameters):
        place = f"Parameters.parameter[{number}]"
        try:
            _take(asked, parameter, place, caller, now)
        except ValueError as fault:
            faults.append(Issue(str(fault), place, "value"))
    if faults:
        raise FhirError(Kind.BAD_REQUEST, issues=faults)
    return asked


def _take(asked: Asked, parameter: Any, place: str, caller: Caller, now: datetime) -> None:
    name = parameter.get("name") if isinstance(parameter, dict) else None
    if name not in NAMES:
        raise ValueError(f"A parameter has one of the names {', '.join(NAMES)}")
    if name == "identifier":
        asked.identifier = _identifier(parameter, asked.identifier)
    elif name in _RESOURCES:
        resource = _resource(parameter, _RESOURCES[name])
        if caller.person is not None and name == "response":
            resource = {"source": {"reference": caller.person.reference}, **resource}
        asked.given.append(Given(name, f"{place}.resource", resource))
    elif name in _REFERENCES:
        asked.given.append(Given(name, place, _reference(parameter, name)))
    elif name == "note":
        asked.given.append(Given(name, place, _note(parameter, caller, now)))
    else:
        asked.given.append(Given(name, place, _activity(parameter)))


def _identifier(parameter: dict[str, Any], before: str | None) -> str:
    value = parameter.get("valueIdentifier")
    if before is not None or not isinstance(value, dict) or not value.get("value"):
        raise ValueError("identifier is given once, as a valueIdentifier with a value")
    return f"{value.get('system') or ''}|{value['value']}"


def _resource(parameter: dict[str, Any], kind: str) -> Resource:
    value = parameter.get("resource")
    if not isinstance(value, dict) or value.get("resourceType") != kind:
        raise ValueError(f"This parameter holds a {kind} in resource")
    return value


def _reference(parameter: dict[str, Any], name: str) -> dict[str, Any]:
    value = parameter.get("valueReference")
    if not isinstance(value, dict):
        raise ValueError(f"{name} is a valueReference")
    return value


def _note(parameter: dict[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
    value = parameter.get("valueAnnotation")
    if value is None and isinstance(parameter.get("valueString"), str):
        value = {"text": parameter["valueString"]}
    if not isinstance(value, dict) or not str(value.get("text") or "").strip():
        raise ValueError("note is a valueAnnotation or valueString with a text")
    return attributed({"time": to_instant(now), **value}, caller)


def attributed(note: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The note with its author: the person who asks, always themselves; else whom it names, else the token's user."""
    own = {name: value for name, value in note.items() if not name.startswith("author")}
    if caller.person is not None:
        return {"authorReference": {"reference": caller.person.reference}, **own}
    if own != note or caller.user is None:
        return note
    return {"authorReference": user_reference(caller.user), **own}


def _activity(parameter: dict[str, Any]) -> dict[str, Any]:
    if isinstance(parameter.get("valueReference"), dict):
        return {"reference": parameter["valueReference"]}
    parts = parameter.get("part")
    if not isinstance(parts, list) or not parts:
        raise ValueError("activity is a valueReference, or has parts of CarePlan.activity.detail")
    detail: dict[str, Any] = {}
    for part in parts:
        name, value = _detail(part)
        if name in _REPEATED:
            detail.setdefault(name, []).append(value)
        elif name in detail:
            raise ValueError(f"{name} is given once")
        else:
            detail[name] = value
    return {"detail": {"status": "not-started", **detail}}


def _detail(part: Any) -> tuple[str, Any]:
    name = part.get("name") if isinstance(part, dict) else None
    held = [(key, value) for key, value in (part or {}).items() if key.startswith("value")] if name else []
    if len(held) != 1 or name not in _REPEATED | _SINGLE | set(_CHOICE):
        names = ", ".join(sorted(_REPEATED | _SINGLE | set(_CHOICE)))
        raise ValueError(f"A part of activity has one value and one of the names {names}")
    ((key, value),) = held
    if name not in _CHOICE:
        return str(name), value
    kind = key.removeprefix("value")
    if kind not in _CHOICE[name]:
        raise ValueError(f"{name} is one of {', '.join('value' + each for each in _CHOICE[name])}")
    return f"{name}{kind}", value
