"""People on lists over HTTP: recording what puts them there, judging them, and reading the lists."""

from __future__ import annotations

from typing import Any

from tandem.canonical import DMD, SNOMED_CT
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource

HYPERTENSION = ("38341003", "Hypertensive disorder")
OSTEOARTHRITIS = ("396275006", "Osteoarthritis")
MODERATE_FRAILTY = ("925831000000107", "Moderate frailty")
LIVES_ALONE = ("105529008", "Lives alone")
FALLS = ("161898004", "Falls")


def concept(code: tuple[str, str], system: str = SNOMED_CT) -> dict[str, Any]:
    """A CodeableConcept of a code and its display."""
    return {"coding": [{"system": system, "code": code[0], "display": code[1]}]}


async def has_condition(client: FhirClient, patient: str, code: tuple[str, str], since: str = "2019-03-01") -> str:
    """An active, confirmed Condition: its reference."""
    made = await client.create({
        "resourceType": "Condition", "subject": {"reference": f"Patient/{patient}"}, "code": concept(code),
        "onsetDateTime": since,
        "clinicalStatus": concept(("active", "Active"), "http://terminology.hl7.org/CodeSystem/condition-clinical"),
        "verificationStatus": concept(
            ("confirmed", "Confirmed"), "http://terminology.hl7.org/CodeSystem/condition-ver-status"
        ),
    })  # fmt: skip
    return f"Condition/{made['id']}"


async def is_resolved(client: FhirClient, condition: str, day: str) -> None:
    """The Condition is resolved from a day on."""
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    await client.patch(condition, [
        {"op": "replace", "path": "/clinicalStatus", "value": concept(("resolved", "Resolved"), system)},
        {"op": "add", "path": "/abatementDateTime", "value": day},
    ])  # fmt: skip


async def is_observed(client: FhirClient, patient: str, code: tuple[str, str], day: str) -> str:
    """A final Observation: its reference."""
    made = await client.create({
        "resourceType": "Observation", "status": "final", "subject": {"reference": f"Patient/{patient}"},
        "code": concept(code), "effectiveDateTime": day,
    })  # fmt: skip
    return f"Observation/{made['id']}"


async def takes(client: FhirClient, patient: str, product: tuple[str, str], since: str = "2020-01-01") -> str:
    """An active MedicationStatement of a dm+d product: its reference."""
    made = await client.create({
        "resourceType": "MedicationStatement", "status": "active", "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": concept(product, DMD), "effectivePeriod": {"start": since},
        "dateAsserted": since,
    })  # fmt: skip
    return f"MedicationStatement/{made['id']}"


async def practitioner(client: FhirClient, family: str) -> str:
    """A Practitioner: its reference."""
    made = await client.create({"resourceType": "Practitioner", "active": True, "name": [{"family": family}]})
    return f"Practitioner/{made['id']}"


async def group_of(client: FhirClient, cohort: str) -> str:
    """The reference of the only Group of a cohort that the caller may see."""
    [group] = await client.search(f"Group?code={cohort}")
    return f"Group/{group['id']}"


def judgement(patient: str, decision: str, author: str | None = None, **more: Any) -> Resource:
    """The Parameters of `$judge`; `more` are texts, or Codings as dicts."""
    parameters: list[dict[str, Any]] = [
        {"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}},
        {"name": "decision", "valueCode": decision},
    ]
    if author is not None:
        parameters.append({"name": "author", "valueReference": {"reference": author}})
    for name, value in more.items():
        kind = "valueCoding" if isinstance(value, dict) else "valueString"
        parameters.append({"name": name, kind: value})
    return {"resourceType": "Parameters", "parameter": parameters}


def membership(member: dict[str, Any], place: int = 0) -> dict[str, list[Any]]:
    """The parts of a member's membership by name: values, or for parts within parts the same again."""
    return _parts(member["extension"][place]["extension"])


def parameters(resource: Resource) -> dict[str, list[Any]]:
    """The parameters of a resource by name: values, or for those with parts the same again."""
    return _named(resource.get("parameter", []))


async def on_list(client: FhirClient, group: str, query: str = "") -> dict[str, dict[str, list[Any]]]:
    """Patient id -> membership, in the order of the list."""
    shown = await client.call("GET", f"{group}/$members?{query}")
    return {each["entity"]["reference"].removeprefix("Patient/"): membership(each) for each in shown.get("member", [])}


def _parts(extensions: list[dict[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for each in extensions:
        value = _parts(each["extension"]) if "extension" in each else _value(each)
        found.setdefault(each["url"], []).append(value)
    return found


def _named(named: list[dict[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for each in named:
        found.setdefault(each["name"], []).append(_named(each["part"]) if "part" in each else _value(each))
    return found


def _value(each: dict[str, Any]) -> Any:
    return next(value for key, value in each.items() if key.startswith("value"))
