"""Invariants of plans, goals, consents and documents."""

from __future__ import annotations

from collections.abc import Callable

from tandem.fhir.validation.invariants.rule import Invariant, Node, child, codes_of, has, has_choice

_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"


def _names_a_patient(scope: str) -> Callable[[Node], bool]:
    return lambda node: has(node, "patient") or scope not in codes_of(child(node, "scope"), _SCOPE)


def _consent(key: str, scope: str) -> Invariant:
    return Invariant(key, f"A consent of scope {scope} must name its patient", _names_a_patient(scope), ("patient",))


INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    "CarePlan.activity": (
        Invariant("cpl-3", "Either a detail or a reference, not both", lambda node: not (has(node, "detail") and has(node, "reference"))),
    ),
    "Goal.target": (
        Invariant("gol-1", "A detail needs a measure", lambda node: not has_choice(node, "detail") or has(node, "measure")),
    ),
    "Consent": (
        Invariant("ppc-1", "A consent needs a policy or a policyRule", lambda node: has(node, "policy", "policyRule")),
        _consent("ppc-2", "patient-privacy"),
        _consent("ppc-3", "research"),
        _consent("ppc-4", "adr"),
        _consent("ppc-5", "treatment"),
    ),
    "Composition.section": (
        Invariant("cmp-1", "A section needs text, entries or sections", lambda node: has(node, "text", "entry", "section")),
        Invariant(
            "cmp-2", "An emptyReason can stand only in a section without entries",
            lambda node: not (has(node, "emptyReason") and has(node, "entry")), ("emptyReason",),
        ),
    ),
}  # fmt: skip
