"""What a practice is posting for its assurance form; all faults are told together."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from metrics_service.domain.assurance_form.form import STATEMENTS, Form, Partner, PlanTemplate
from metrics_service.practice_reports.report_given import additional_intervention
from tandem.database.connection import Connection
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.statement_parameter import row_statement, statement
from tandem.identity.memberships import kind_of_code
from tandem.identity.organisations import PRACTICE

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

GIVEN: Final = (*STATEMENTS, "intervention", "partner", "collaboration", "planTemplate")
_LARGEST: Final = 5_000_000
_TYPES: Final = (
    "application/pdf", "application/msword", "text/plain", "text/html",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.oasis.opendocument.text",
)  # fmt: skip


async def form_given(call: OperationCall, connection: Connection, held: Form, practice: str) -> Form:
    """What was held with what is given: partners and collaborations are given whole, the rest by name.

    Raises FhirError 400, 413, and 422 with every fault.
    """
    statements = {name: said for name in STATEMENTS if (said := statement(call, name)) is not None}
    rows = {name: rows_asked(call, name, least=0) for name in ("intervention", "partner", "collaboration")}
    interventions = [each for row in rows["intervention"] if (each := additional_intervention(row)) is not None]
    partners = tuple(one for row in rows["partner"] if (one := _partner(row)) is not None)
    collaborations = {}
    for row in rows["collaboration"]:
        if (found := await _collaboration(connection, row, practice)) is not None:
            collaborations[found[0]] = found[1]
    refuse_faults([row for each in rows.values() for row in each])
    template = _plan_template(call)
    return replace(
        held, statements={**held.statements, **statements},
        interventions={**held.interventions, **{each.name: each for each in interventions}},
        partners=partners or held.partners, collaborations=collaborations or held.collaborations,
        plan_template=template or held.plan_template,
    )  # fmt: skip


def _partner(row: Part) -> Partner | None:
    organisation, individual = row.text("organisation"), row.text("individual")
    return Partner(organisation, individual) if organisation is not None and individual is not None else None


async def _collaboration(connection: Connection, row: Part, practice: str) -> tuple[str, str] | None:
    named, said = row.one("practice", "a Reference to the practice"), row_statement(row, "text")
    if named is None:
        return None
    try:
        code = await resolved(connection, named, "practice")
    except FhirError as error:
        row.fault("practice", error.issues[0].text)
        return None
    if code == practice or await kind_of_code(connection, code) != PRACTICE:
        row.fault("practice", "practice names another GP practice (003 appendix 2 q7)")
        return None
    return (code, said) if said is not None else None


def _plan_template(call: OperationCall) -> PlanTemplate | None:
    value: Any = call.one("planTemplate")
    if value is None:
        return None
    given = value if isinstance(value, dict) else {}
    title, kind, data = given.get("title"), given.get("contentType"), str(given.get("data") or "")
    if not isinstance(title, str) or not 0 < len(title.strip()) <= 200 or kind not in _TYPES or not _is_base64(data):
        text = f"planTemplate is an Attachment with title, data and a contentType that is one of {', '.join(_TYPES)}"
        raise FhirError(Kind.BAD_REQUEST, text, expression="planTemplate")
    if len(data) > _LARGEST:
        raise FhirError(Kind.TOO_LARGE, "The template care plan is a file of about three megabytes at most")
    return PlanTemplate(title.strip(), str(kind), data)


def _is_base64(data: str) -> bool:
    try:
        return len(base64.b64decode(data, validate=True)) > 0
    except (binascii.Error, ValueError):
        return False
