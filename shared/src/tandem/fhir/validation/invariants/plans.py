"""Invariants of plans, goals, consents and documents."""

from __future__ import annotations

from collections.abc import Callable

from tandem.fhir.validation.invariants.rule import Invariant, Node, child, codes_of, has, has_choice, not_both, one_of

_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"


def _names_a_patient(scope: str) -> Callable[[Node], bool]:
    return lambda node: has(node, "patient") or scope not in codes_of(child(node, "scope"), _SCOPE)


def _measured(node: Node) -> bool:
    return not has_choice(node, "detail") or has(node, "measure")


def _consent(key: str, scope: str) -> Invariant:
    return Invariant(key, f"A consent of scope {scope} must name its patient", _names_a_patient(scope), ("patient",))


INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    "CarePlan.activity": (not_both("cpl-3", "detail", "reference"),),
    "Goal.target": (Invariant("gol-1", "A detail needs a measure", _measured, ("detail",)),),
    "Consent": (
        one_of("ppc-1", "A consent needs a policy or a policyRule", "policy", "policyRule"),
        _consent("ppc-2", "patient-privacy"),
        _consent("ppc-3", "research"),
        _consent("ppc-4", "adr"),
        _consent("ppc-5", "treatment"),
    ),
    "Composition.section": (
        one_of("cmp-1", "A section needs text, entries or sections", "text", "entry", "section"),
        not_both("cmp-2", "emptyReason", "entry"),
    ),
}
