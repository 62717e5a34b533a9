"""`OrganizationAffiliation/$agreement-templates`: the texts from which agreements are drafted (AC-084)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.agreements.draft_parameters import template_named
from cohort_service.agreements.shipped_templates import templates
from cohort_service.domain.agreements.template import Template, open_places
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def agreement_templates(call: OperationCall) -> FhirResponse:
    """Parameters with a `template` each: id, version, title, kind, source, text, and the placeholders it leaves open.

    With the parameter `template`, that one alone. Raises FhirError 400 for one that there is not.
    """
    kernel = call.kernel
    named = call.one("template")
    found = [template_named(named)] if named is not None else list(templates().values())
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$agreement-templates", "OrganizationAffiliation", set(), now)
    parameters = [{"name": "template", "part": _parts(template)} for template in found]
    return answer(parameters)


def _parts(template: Template) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [
        {"name": "id", "valueId": template.id},
        {"name": "version", "valueString": template.version},
        {"name": "title", "valueString": template.title},
        {"name": "kind", "valueCode": template.role},
        {"name": "source", "valueString": template.source},
    ]
    if template.due is not None:
        parts.append({"name": "due", "valueDate": template.due.isoformat()})
    parts += [{"name": "purpose", "valueCode": code} for code in template.purposes]
    parts += [{"name": "placeholder", "valueString": name} for name in open_places(template)]
    return [*parts, {"name": "text", "valueMarkdown": template.text}]
