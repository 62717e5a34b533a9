"""`CarePlan/$medication-review-policy`: who may review, the steps, inhalers and formularies, by version and day.

SMR-036, SMR-056, SMR-062.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.domain.medication_review.clinicians import clinician_policy_of
from careplan_service.medication_review.policies import (
    CLINICIANS,
    FORMULARY,
    READERS,
    Version,
    in_force,
    publish,
    versions_of,
)
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import encode, parse
from tandem.fhir.operation_parameters import (
    day_or_today,
    only,
    required_day,
    required_short_text,
    required_text,
    whole_text,
)
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.identity.organisations import COMMISSIONER
from tandem.identity.reference_rights import kind_of_caller
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NAME = "$medication-review-policy"
_OPERATORS = "Who may review, the steps and the inhalers hold for all networks: operators publish them"
_COMMISSIONERS = "A formulary is published by its commissioner, or by an operator"


async def medication_review_policy(call: OperationCall) -> FhirResponse:
    """GET answers every `version` of a `kind`, the one in force `as-of` a day with its content; any caller may.

    POST publishes the next version: `kind`, `from`, `source`, `content` (JSON as text, as the shipped files have it).
    A `formulary` has a `commissioner` (code). By an operator; a formulary also by its commissioner. Raises FhirError
    400, 403, 422.
    """
    return await (_publish(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("kind", "as-of", "commissioner"))
    kind, day = _kind(call), day_or_today(call, "as-of")
    async with call.kernel.database.read() as connection:
        found = await versions_of(connection, kind, _scope(call, kind))
    current = in_force(found, day)
    return answer([_shown(each, each == current) for each in found])


async def _publish(call: OperationCall) -> FhirResponse:
    only(call, ("kind", "from", "source", "content", "commissioner"))
    kind, caller = _kind(call), call.request.caller
    scope = _scope(call, kind, caller.organisation)
    await _must_publish(call, kind, scope)
    first, source = required_day(call, "from"), required_short_text(call, "source")
    content = parse(whole_text(call, "content").encode())
    try:
        READERS[kind](content)
    except ValueError as fault:
        raise FhirError(Kind.UNPROCESSABLE, f"The content is no {kind}: {fault}", expression="content") from None
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        await hold(connection, [f"medication-review-policy/{kind}/{scope}"])
        kept = await publish(connection, kind, scope, first, source, content, caller.organisation, now)
        entry = audit_entry(call.request, _NAME, to_micros(now), resource_type="CarePlan", status=201)
        await record(connection, [entry])
        current = in_force(await versions_of(connection, kind, scope), london_date(now))
    return answer([_shown(kept, kept == current)], 201)


async def _must_publish(call: OperationCall, kind: str, scope: str) -> None:
    caller = call.request.caller
    if caller.sees_all:
        return
    if kind != FORMULARY:
        raise FhirError(Kind.FORBIDDEN, _OPERATORS)
    async with call.kernel.database.read() as connection:
        commissions = await kind_of_caller(connection, caller.organisation) == COMMISSIONER
    if not commissions or scope != caller.organisation:
        raise FhirError(Kind.FORBIDDEN, _COMMISSIONERS)


def _kind(call: OperationCall) -> str:
    kind = required_text(call, "kind")
    if kind not in READERS:
        raise FhirError(Kind.BAD_REQUEST, f"kind is one of {', '.join(READERS)}", expression="kind")
    return kind


def _scope(call: OperationCall, kind: str, default: str | None = None) -> str:
    commissioner = code_parameter(call, "commissioner")
    if kind != FORMULARY:
        if commissioner is not None:
            raise FhirError(Kind.BAD_REQUEST, "Only a formulary has a commissioner", expression="commissioner")
        return ""
    if commissioner is None and default is None:
        raise FhirError(Kind.BAD_REQUEST, "Give the commissioner whose formulary it is", expression="commissioner")
    return commissioner or str(default)


def _shown(version: Version, current: bool) -> Parameter:
    inner: list[Parameter] = [
        coded("kind", version.kind), number("version", version.version),
        on_day("from", version.first), text("source", version.source),
        yes("inForce", current),
    ]  # fmt: skip
    if version.scope:
        inner.append(text("commissioner", version.scope))
    if current and version.kind == CLINICIANS:
        roles = clinician_policy_of(version.content).roles
        inner += [parts("role", [coded("kind", each.kind), text("name", each.name)]) for each in roles]
    return parts("version", [*inner, text("content", encode(version.content).decode())] if current else inner)
