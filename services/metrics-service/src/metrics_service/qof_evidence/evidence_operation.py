"""`Measure/$qof-cancer-evidence`: a practice's cancer work as evidence for the quality framework, without re-entry.

Every record that the practice made in its daily work is mapped to the element it is evidence for (ECD-072, PCN-033).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from metrics_service.domain.london_days import written
from metrics_service.domain.qof_evidence.elements import Element, Module, module
from metrics_service.printed import printed
from metrics_service.qof_evidence.evidence_rows import Recorded, recorded
from metrics_service.scheme.parties import NOTHING, party_of
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import one_of, only
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import coded, number, parts, reference, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.memberships import holders_of
from tandem.identity.organisations import NETWORK
from tandem.nhs.financial_year import first_day, last_day
from tandem.printing.blocks import Block, Table, Text

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

ACTION: Final = "$qof-cancer-evidence"
_COLUMNS: Final = ("Record", "Day", "What", "State")
Mapped = list[tuple[Element, list[Recorded]]]


async def qof_cancer_evidence(call: OperationCall) -> FhirResponse:
    """Parameters: `practice` (the caller's own without it) and `year` (2020/21, the year of the module).

    An `element` for each of the module, with its `indicator`, `title`, `count` and a `record` for each piece of
    evidence. Raises FhirError 400, 404, 406, 422.
    """
    only(call, ("practice", "year", "_format"))
    held = module()
    year = one_of(call, "year", (held.year,), held.year)
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        seen = await party_of(call, connection)
        # It names people: for the practice, and for nobody who only commissions it.
        if not (seen.own or call.request.caller.sees_all):
            raise FhirError(Kind.NOT_FOUND, NOTHING)
        networks = await holders_of(connection, seen.practice, NETWORK, now)
        found = await recorded(
            connection, held.kinds, seen.practice, sorted(networks), first_day(year).toordinal(),
            last_day(year).toordinal(),
        )  # fmt: skip
    await audit_reads(call.kernel.database, call.request, ACTION, "Measure", {each.patient for each in found}, now)
    mapped = _mapped(held, found)
    title = f"{held.title} {year}: evidence of practice {seen.practice}"
    return await printed(call, title, lambda: _blocks(held, mapped), _parameters(held, seen.practice, mapped))


def _mapped(held: Module, found: list[Recorded]) -> Mapped:
    by_element: dict[str, list[Recorded]] = {element.id: [] for element in held.elements}
    for each in found:
        element = held.element_of(each.kind, each.category)
        if element is not None:
            by_element[element.id].append(each)
    return [(element, by_element[element.id]) for element in held.elements]


def _parameters(held: Module, practice: str, mapped: Mapped) -> list[dict[str, Any]]:
    elements = [
        parts("element", [
            coded("id", element.id), text("indicator", element.indicator), text("title", element.title),
            number("count", len(records)), *map(_record, records),
        ])
        for element, records in mapped
    ]  # fmt: skip
    return [
        text("practice", practice), text("year", held.year), text("module", held.title), text("source", held.source),
        yes("checked", held.checked), *elements,
    ]  # fmt: skip


def _record(each: Recorded) -> dict[str, Any]:
    shown = [text("source", each.source), coded("kind", each.kind), {"name": "day", "valueDate": written(each.day)}]
    shown += [
        coded(name, value)
        for name, value in (("category", each.category), ("detail", each.detail), ("status", each.status)) if value
    ]  # fmt: skip
    if each.patient is not None:
        shown.append(reference("patient", f"Patient/{each.patient}"))
    return parts("record", shown)


def _blocks(held: Module, mapped: Mapped) -> list[Block]:
    found: list[Block] = [Text("p", held.source)]
    if not held.checked:
        found.append(Text("p", "The wording of the elements was not compared with the guidance of the framework."))
    for element, records in mapped:
        found.append(Text("h2", f"{element.indicator}: {element.title}"))
        found.append(Text("p", f"{len(records)} records"))
        if records:
            found.append(Table(_COLUMNS, tuple(_row(each) for each in records)))
    return found


def _row(each: Recorded) -> tuple[str, ...]:
    return (each.source, written(each.day), each.category or each.kind, each.status or "")
