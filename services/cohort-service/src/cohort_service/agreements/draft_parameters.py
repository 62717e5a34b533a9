"""The parameters of `$draft-agreement`, read and checked before anything is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from cohort_service.agreements.shipped_templates import templates
from cohort_service.domain.agreements.template import Template
from tandem.fhir.operation_parameters import only, optional_day, optional_end
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.ownership import OWNER

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NAMES = frozenset(("template", "holder", "party", "purpose", "data", "start", "end", "due"))
_PURPOSE = re.compile(r"[A-Z0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; `holder` and `parties` as they were given."""

    template: Template
    holder: Any
    parties: list[Any]
    purposes: tuple[str, ...]
    data: tuple[str, ...]
    starts: date
    ends: date | None
    due: date | None


def asked(call: OperationCall, today: date) -> Asked:
    """Read the parameters. Raises FhirError 400 for one that is unknown, missing or cannot be read."""
    only(call, _NAMES)
    template = template_named(call.one("template"))
    parties = call.parameters.get("party") or []
    if not parties:
        raise FhirError(Kind.BAD_REQUEST, "Name at least one party", expression="party")
    starts = optional_day(call, "start") or today
    ends = optional_end(call, "end")
    if ends is not None and ends < starts:
        raise FhirError(Kind.BAD_REQUEST, "The end lies before the start", expression="end")
    due = optional_day(call, "due") or template.due or (None if template.shares else starts + timedelta(days=90))
    return Asked(
        template, call.one("holder"), parties, _purposes(call, template), _data(call, template), starts, ends, due
    )


def template_named(name: Any) -> Template:
    """The template of that id. Raises FhirError 400 that lists those there are."""
    found = templates().get(str(name or ""))
    if found is None:
        raise FhirError(Kind.BAD_REQUEST, f"template is one of {', '.join(templates())}", expression="template")
    return found


def _purposes(call: OperationCall, template: Template) -> tuple[str, ...]:
    given = tuple(dict.fromkeys(map(str, call.parameters.get("purpose") or template.purposes)))
    if any(_PURPOSE.fullmatch(code) is None for code in given):
        raise FhirError(Kind.BAD_REQUEST, "purpose is a code of v3-PurposeOfUse such as TREAT", expression="purpose")
    return _only_where_shared(given, template, "purpose")


def _data(call: OperationCall, template: Template) -> tuple[str, ...]:
    given = tuple(dict.fromkeys(map(str, call.parameters.get("data") or template.data)))
    if any(code not in OWNER for code in given):
        raise FhirError(Kind.BAD_REQUEST, "data is a FHIR type that is kept here, such as CarePlan", expression="data")
    return _only_where_shared(given, template, "data")


def _only_where_shared(given: tuple[str, ...], template: Template, name: str) -> tuple[str, ...]:
    if given and not template.shares:
        raise FhirError(Kind.BAD_REQUEST, f"Only a sharing agreement has a {name}", expression=name)
    return given
