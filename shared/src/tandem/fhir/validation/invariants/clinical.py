"""Invariants of what was found and done: conditions, allergies, observations, immunisations, risks, audit."""

from __future__ import annotations

from tandem.fhir.validation.invariants.rule import (
    Invariant,
    Node,
    child,
    codes_of,
    has,
    has_choice,
    nodes,
    not_both,
    number,
    one_of,
)

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_UCUM = "http://unitsofmeasure.org"
_CLINICAL = f"{_TERMINOLOGY}/condition-clinical"
_CLINICAL_STATUS = ("clinicalStatus",)
_ENDED = {"inactive", "resolved", "remission"}


def _abated(node: Node) -> bool:
    return not has_choice(node, "abatement") or bool(codes_of(child(node, "clinicalStatus"), _CLINICAL) & _ENDED)


def _in_error(node: Node, system: str) -> bool:
    return "entered-in-error" in codes_of(child(node, "verificationStatus"), f"{_TERMINOLOGY}/{system}")


def _condition_in_error(node: Node) -> bool:
    return not (_in_error(node, "condition-ver-status") and has(node, "clinicalStatus"))


def _allergy_stated(node: Node) -> bool:
    return has(node, "clinicalStatus") or _in_error(node, "allergyintolerance-verification")


def _allergy_in_error(node: Node) -> bool:
    return not (_in_error(node, "allergyintolerance-verification") and has(node, "clinicalStatus"))


def _absent(node: Node) -> bool:
    return not (has(node, "dataAbsentReason") and has_choice(node, "value"))


def _own_codes(concept: Node) -> set[tuple[str, str]]:
    pairs = [(coding.get("system"), coding.get("code")) for coding in nodes(concept, "coding")]
    return {(system, code) for system, code in pairs if isinstance(system, str) and isinstance(code, str)}


def _component_codes(node: Node) -> bool:
    if not has(node, "component") or not has_choice(node, "value"):
        return True
    own = _own_codes(child(node, "code"))
    return not any(own & _own_codes(child(component, "code")) for component in nodes(node, "component"))


def _probability(node: Node) -> bool:
    value = number(node.get("probabilityDecimal"))
    return value is None or value <= 100


def _percentages(node: Node) -> bool:
    ends = [end for name in ("low", "high") if (end := child(child(node, "probabilityRange"), name))]
    return all(end.get("code") == "%" and end.get("system") == _UCUM for end in ends)


INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    "Condition": (
        Invariant(
            "con-4", "A condition that has abated must be inactive, resolved or in remission", _abated, _CLINICAL_STATUS
        ),
        Invariant(
            "con-5", "A condition entered in error must have no clinicalStatus", _condition_in_error, _CLINICAL_STATUS
        ),
    ),
    "Condition.stage": (one_of("con-1", "A stage needs a summary or an assessment", "summary", "assessment"),),
    "Condition.evidence": (one_of("con-2", "Evidence needs a code or a detail", "code", "detail"),),
    "AllergyIntolerance": (
        Invariant("ait-1", "clinicalStatus is required unless entered in error", _allergy_stated, _CLINICAL_STATUS),
        Invariant(
            "ait-2", "An allergy entered in error must have no clinicalStatus", _allergy_in_error, _CLINICAL_STATUS
        ),
    ),
    "Observation": (
        Invariant("obs-6", "dataAbsentReason can stand only where there is no value", _absent, ("dataAbsentReason",)),
        Invariant(
            "obs-7", "A component must not repeat the code of a valued observation", _component_codes, ("component",)
        ),
    ),
    "Observation.referenceRange": (
        one_of("obs-3", "A reference range needs a low end, a high end or text", "low", "high", "text"),
    ),
    "Immunization.education": (
        one_of("imm-1", "Education needs a documentType or a reference", "documentType", "reference"),
    ),
    "RiskAssessment.prediction": (
        Invariant("ras-2", "A probability must not be above 100", _probability, ("probability",)),
        Invariant("ras-1", "The ends of a probability range must be percentages", _percentages, ("probability",)),
    ),
    "AuditEvent.entity": (not_both("sev-1", "name", "query"),),
}
