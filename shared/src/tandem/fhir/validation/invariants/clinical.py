"""Invariants of what was found and done: conditions, allergies, observations, immunisations, risks, audit."""

from __future__ import annotations

from tandem.fhir.validation.invariants.rule import Invariant, Node, child, codes_of, has, has_choice, nodes, number

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_UCUM = "http://unitsofmeasure.org"
_CLINICAL = f"{_TERMINOLOGY}/condition-clinical"
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
        Invariant("con-4", "A condition that has abated must be inactive, resolved or in remission", _abated, ("clinicalStatus",)),
        Invariant("con-5", "A condition entered in error must have no clinicalStatus", _condition_in_error, ("clinicalStatus",)),
    ),
    "Condition.stage": (
        Invariant("con-1", "A stage needs a summary or an assessment", lambda node: has(node, "summary", "assessment")),
    ),
    "Condition.evidence": (
        Invariant("con-2", "Evidence needs a code or a detail", lambda node: has(node, "code", "detail")),
    ),
    "AllergyIntolerance": (
        Invariant("ait-1", "clinicalStatus is required unless entered in error", _allergy_stated, ("clinicalStatus",)),
        Invariant("ait-2", "An allergy entered in error must have no clinicalStatus", _allergy_in_error, ("clinicalStatus",)),
    ),
    "Observation": (
        Invariant(
            "obs-6", "dataAbsentReason can stand only where there is no value",
            lambda node: not (has(node, "dataAbsentReason") and has_choice(node, "value")), ("dataAbsentReason",),
        ),
        Invariant("obs-7", "A component must not have the code of the observation, if that has a value", _component_codes, ("component",)),
    ),
    "Observation.referenceRange": (
        Invariant("obs-3", "A reference range needs a low end, a high end or text", lambda node: has(node, "low", "high", "text")),
    ),
    "Immunization.education": (
        Invariant("imm-1", "Education needs a documentType or a reference", lambda node: has(node, "documentType", "reference")),
    ),
    "RiskAssessment.prediction": (
        Invariant("ras-2", "A probability must not be above 100", _probability, ("probability",)),
        Invariant("ras-1", "The ends of a probability range must be percentages", _percentages, ("probability",)),
    ),
    "AuditEvent.entity": (
        Invariant("sev-1", "Either a name or a query, not both", lambda node: not (has(node, "name") and has(node, "query"))),
    ),
}  # fmt: skip
