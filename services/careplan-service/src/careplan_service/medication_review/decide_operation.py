"""`Composition/[id]/$decide`: decisions about medicines, steps that were done, and signposting.

SMR-001, SMR-025, SMR-027, SMR-036, SMR-062.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careplan_service.domain.current_medicines import medicine as medicine_key
from careplan_service.domain.medication_review.codes import CHANGE, DECISIONS, START, SWITCH_INHALER
from careplan_service.domain.medication_review.completion import decision_faults
from careplan_service.domain.medication_review.composition import with_decision, with_step
from careplan_service.domain.medication_review.episode import Decision, episode_of
from careplan_service.domain.medication_review.guidance import RECORDED, Guidance
from careplan_service.domain.medication_review.medicines import Key
from careplan_service.domain.medication_review.products import formulary_standing
from careplan_service.medication_review.review_asked import review_under_way
from careplan_service.medication_review.review_facts import ReviewFacts, facts_of
from careplan_service.medication_review.review_parameters import concept_of_row, names_given
from careplan_service.medication_review.signpost_rows import with_signposts
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, encode
from tandem.fhir.etag import version_headers
from tandem.fhir.operation_parameters import only
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_CHANGES = (CHANGE, START, SWITCH_INHALER)
_UNKNOWN = "It is not among the medicines of this review; a new one is a 'start'"


async def decide(call: OperationCall) -> FhirResponse:
    """The Composition with what was decided and done; all of it or nothing.

    Parameters `medicine` (parts `medicine`, a Reference to one of its records or a CodeableConcept, `decision`,
    `reason`, `new`, `dosage`), `step` (parts `code`, `note`) and `signpost` (parts `service`, a Reference to a
    HealthcareService, `offer`, `note`), repeated. Raises FhirError 400, 404, 422.
    """
    only(call, ())
    given = names_given(call)
    if not given or given - {"medicine", "step", "signpost"}:
        raise FhirError(
            Kind.BAD_REQUEST, "Post Parameters with medicine, step or signpost, with parts", expression="medicine"
        )
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        asked = await review_under_way(call, connection, lock=True)
        facts = await facts_of(connection, asked.row, asked.composition, now)
        composition = asked.composition
        if "medicine" in given:
            composition = _with_medicines(call, composition, facts)
        if "step" in given:
            composition = _with_steps(call, composition, facts.standing.guidance)
        if "signpost" in given:
            composition = await with_signposts(call, connection, composition)
        kept = await work_of(call, connection, now).put(composition)
        entry = audit_entry(
            call.request, "$decide", to_micros(now), resource_type="Composition", resource_id=call.id,
            patient=asked.row.patient,
        )  # fmt: skip
        await record(connection, [entry])
    return FhirResponse(200, encode(kept), version_headers(int(kept["meta"]["versionId"]), to_micros(now)))


def _with_medicines(call: OperationCall, composition: Resource, facts: ReviewFacts) -> Resource:
    rows, decided = rows_asked(call, "medicine"), []
    for row in rows:
        named = _named(row, composition)
        said = _said(row, named[1] if named is not None else {}, facts)
        if named is not None and not row.issues:
            known = facts.standing.episode.about(named[0]) or facts.medicine(named[0])
            if known is None and said["decision"][1] != START:
                row.fault("medicine", _UNKNOWN)
            composition = with_decision(composition, *named, said)
            decided.append(named[0])
    refuse_faults(rows)
    episode = episode_of(composition)
    made: list[Decision] = [found for key in decided if (found := episode.about(key)) is not None]
    if faults := [fault for each in made for fault in decision_faults(each, facts.standing.inhalers)]:
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)
    return composition


def _named(row: Part, composition: Resource) -> tuple[Key, dict[str, Any]] | None:
    """The medicine that a row names: key and concept."""
    value = row.one("medicine", "a Reference to a record of this review, or a CodeableConcept")
    reference = value.get("reference") if isinstance(value, dict) else value
    if isinstance(reference, str) and "/" in reference:
        held = episode_of(composition).decisions
        found = next((each for each in held if reference in each.entries), None)
        if found is None:
            row.fault("medicine", "No medicine of this review has this record")
        return (found.key, found.concept) if found is not None else None
    concept = concept_of_row(row, "medicine", "the medicine", required=True) if value is not None else None
    return (medicine_key({"medicationCodeableConcept": concept}), concept) if concept is not None else None


def _said(row: Part, concept: dict[str, Any], facts: ReviewFacts) -> dict[str, tuple[str, Any]]:
    decision = row.text("decision")
    if decision is not None and decision not in DECISIONS:
        row.fault("decision", f"decision is one of {', '.join(DECISIONS)}")
    reason, new = concept_of_row(row, "reason", "the reason"), concept_of_row(row, "new", "the medicine that is taken")
    dosage = row.text("dosage", required=False)
    said: dict[str, tuple[str, Any]] = {"decision": ("valueCode", decision)}
    if reason is not None:
        said["reason"] = ("valueCodeableConcept", reason)
    if new is not None:
        said["medicine"] = ("valueCodeableConcept", new)
    if dosage is not None:
        said["dosage"] = ("valueString", dosage)
    if decision in _CHANGES:
        version, products = facts.formulary if facts.formulary is not None else (None, None)
        said["formulary"] = ("valueCode", formulary_standing(products, new or concept))
        if version is not None:
            said["formulary-version"] = ("valueString", f"{version.scope} {version.version}")
    return said


def _with_steps(call: OperationCall, composition: Resource, guidance: Guidance) -> Resource:
    steps = {each.code: each for each in guidance.steps if each.shown_by == RECORDED}
    rows = rows_asked(call, "step")
    for row in rows:
        code, note = row.text("code"), row.text("note", required=False)
        if code is not None and code not in steps:
            row.fault("code", f"code is one of {', '.join(steps)}; other steps are shown by what the review holds")
        elif code is not None:
            composition = with_step(composition, code, steps[code].text, note)
    refuse_faults(rows)
    return composition
