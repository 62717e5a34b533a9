"""What a practice is posting for its report: rows whose faults are all told together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from metrics_service.domain.practice_reports.content import FEEDBACK_FROM, Benefit, Content, Feedback, Intervention
from metrics_service.domain.practice_reports.framework import key_indicators, outcomes
from metrics_service.domain.practice_reports.template import Template
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.statement_parameter import row_statement

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

ROWS = ("intervention", "feedback", "outcome", "indicator", "answer")
BEYOND = {
    "beyondCore": "how it adds to core GMS/PMS services (003 §2.3, §3 report b2)",
    "beyondAdmissionsScheme": "how it goes beyond the AUA enhanced service (003 §2.3)",
}


def content_given(call: OperationCall, template: Template, held: Content) -> Content:
    """What was held with what is given: a row takes the place of the one of its name.

    Raises FhirError 400, and 422 with every fault; an intervention that does not say how it is additional is one
    (PCPC-027).
    """
    rows = {name: rows_asked(call, name, least=0) for name in ROWS}
    content = held
    for row in rows["intervention"]:
        if (intervention := additional_intervention(row)) is not None:
            content = content.with_intervention(intervention)
    for row in rows["feedback"]:
        content = _with_feedback(row, content)
    benefits = dict(filter(None, map(_benefit, rows["outcome"])))
    indicators = _statements(rows["indicator"], [each.name for each in key_indicators()], "statement")
    answers = _statements(rows["answer"], [each.name for each in template.questions], "answer")
    refuse_faults([row for each in rows.values() for row in each])
    return replace(
        content, benefits={**content.benefits, **benefits}, indicators={**content.indicators, **indicators},
        answers={**content.answers, **answers},
    )  # fmt: skip


def additional_intervention(row: Part) -> Intervention | None:
    """The intervention of a row; faults of the row name the statement by which it would be additional."""
    name, description = row.text("name"), row_statement(row, "description", required=False)
    said = {part: row_statement(row, part, required=False) for part in BEYOND}
    for part, meaning in BEYOND.items():
        if said[part] is None:
            row.fault(part, f"{name or 'An intervention'} is additional when it says {meaning}")
    if name is None:
        return None
    return Intervention(name, description, said["beyondCore"], said["beyondAdmissionsScheme"])


def _with_feedback(row: Part, content: Content) -> Content:
    name, giver, said = row.text("intervention"), row.text("from"), row_statement(row, "text")
    if giver is not None and giver not in FEEDBACK_FROM:
        row.fault("from", f"from is one of {', '.join(FEEDBACK_FROM)} (003 §3 report b3)")
    if name is not None and name not in content.interventions:
        row.fault("intervention", "feedback is on an intervention of this report")
    if row.issues or name is None or giver is None or said is None:
        return content
    return content.with_feedback(name, Feedback(giver, said))


def _benefit(row: Part) -> tuple[str, Benefit] | None:
    names = [each.name for each in outcomes()]
    name = row.text("name")
    if name is not None and name not in names:
        row.fault("name", f"name is one of {', '.join(names)}")
    benefit, quality = row_statement(row, "benefit", required=False), row_statement(row, "quality", required=False)
    return (name, Benefit(name, benefit, quality)) if name is not None else None


def _statements(rows: Collection[Part], names: Collection[str], part: str) -> dict[str, str]:
    found = {}
    for row in rows:
        name, said = row.text("name"), row_statement(row, part)
        if name is not None and name not in names:
            row.fault("name", f"name is one of {', '.join(names) or 'the questions of the template, which has none'}")
        if name is not None and said is not None:
            found[name] = said
    return found
