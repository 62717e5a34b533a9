"""`Measure/{id}/$compare-networks`: a measure of each network of a commissioner's area, beside what they have to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from metrics_service.asked_organisations import organisation_asked
from metrics_service.domain.london_days import day_at, written
from metrics_service.domain.measures.definition import AVERAGES, NETWORK_AND_PRACTICES, Definition
from metrics_service.domain.measures.figure import Figure, Part, value_of
from metrics_service.domain.measures.span import Span
from metrics_service.domain.network_comparison import Variation, most_alike, ranks, variation
from metrics_service.domain.suppression import shown_part, shown_parts
from metrics_service.evaluation_parameters import period
from metrics_service.measures.area import area_of, networks_of
from metrics_service.measures.characteristics import CHARACTERISTICS, characteristics_of
from metrics_service.measures.counted_span import counted, membership_moment
from metrics_service.measures.evaluation import figures
from metrics_service.measures.shipped import definitions
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import COMMISSIONER, NETWORK

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION: Final = "$compare-networks"


@dataclass(frozen=True, slots=True)
class _Network:
    code: str
    figure: Figure
    part: Part | None
    characteristics: dict[str, float]

    @property
    def value(self) -> float | None:
        if self.part is None or self.figure.without_list_size:
            return None
        return value_of(self.figure.definition, self.part)


async def compare_networks(call: OperationCall) -> FhirResponse:
    """A `network` for each, the highest first: its numbers, `rank`, `characteristic`s and the networks `alike`; then
    `variation`. What others answer for is shown for information, without a rank (PCN-057). Small numbers are not shown
    to a commissioner, and what is not shown has no rank.

    Raises FhirError 400, 403, 404 for a measure that is not shipped, and 422 for a period that has not begun.
    """
    only(call, frozenset(("periodStart", "periodEnd", "organisation")))
    definition = definitions().get(str(call.id))
    if definition is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such Measure that is counted here")
    first, last = period(call)
    now = call.kernel.clock.now()
    span = counted(Span(first, last), day_at(now))
    asked = ("organisation", call.one("organisation")) if "organisation" in call.parameters else None
    async with call.kernel.database.read() as connection:
        about, _, exact = await organisation_asked(call, connection, asked, to_micros(now), (COMMISSIONER,))
        moment = membership_moment(span, to_micros(now))
        networks = [
            await _network(connection, definition, code, span, moment, exact=exact)
            for code in await networks_of(connection, about, moment)
        ]
        networks = _seen(definition, networks, exact=exact)
        named = {each.code: await reference_to(connection, each.code) for each in networks}
    await audit_reads(call.kernel.database, call.request, _ACTION, "Measure", set(), to_micros(now))
    return answer(_told(definition, span, networks, named))


async def _network(
    connection: Connection, definition: Definition, code: str, span: Span, moment: int, *, exact: bool
) -> _Network:
    area = await area_of(connection, code, NETWORK, moment)
    wanted = [definition, *(definitions()[name] for name in CHARACTERISTICS)]
    figure, *characteristics = await figures(connection, wanted, area, span)
    return _Network(code, figure, figure.whole, characteristics_of(characteristics, exact=exact))


def _seen(definition: Definition, networks: list[_Network], *, exact: bool) -> list[_Network]:
    """The networks as the reader may see them beside each other; averages do not add up, so each stands for itself."""
    if exact or not definition.suppressed:
        return networks
    share = definition.is_share
    if definition.numerator.count in AVERAGES:
        return [replace(each, part=shown_part(each.figure.whole, share=share)) for each in networks]
    visible = shown_parts({each.code: each.figure.whole for each in networks}, share=share)
    return [replace(each, part=visible[each.code]) for each in networks]


def _told(
    definition: Definition, span: Span, networks: list[_Network], named: dict[str, dict[str, Any]]
) -> list[Parameter]:
    values = {each.code: each.value for each in networks}
    rank = ranks(values) if definition.responsible in NETWORK_AND_PRACTICES else {}
    alike = most_alike({each.code: each.characteristics for each in networks})
    ordered = sorted(networks, key=lambda each: (rank.get(each.code, len(networks) + 1), each.code))
    known = [value for value in values.values() if value is not None]
    return [
        text("measure", f"{definition.id}|{definition.version}"), text("unit", definition.unit),
        coded("responsible", definition.responsible), yes("network-position", definition.network_position),
        {"name": "period", "valuePeriod": {"start": written(span.first), "end": written(span.last)}},
        *(_of_network(each, rank.get(each.code), alike[each.code], named) for each in ordered),
        *_variation(variation(known)),
    ]  # fmt: skip


def _of_network(
    each: _Network, rank: int | None, alike: list[str], named: dict[str, dict[str, Any]]
) -> Parameter:  # fmt: skip
    found: list[Parameter] = [{"name": "network", "valueReference": named[each.code]}]
    if each.part is not None:
        found.append(_decimal("numerator", each.part.numerator))
        if each.part.denominator is not None:
            found.append(_decimal("denominator", each.part.denominator))
    if each.value is not None:
        found.append(_decimal("value", each.value))
    if rank is not None:
        found.append(number("rank", rank))
    for name, value in sorted(each.characteristics.items()):
        found.append(parts("characteristic", [text("name", name), _decimal("value", value)]))
    found += [{"name": "alike", "valueReference": named[other]} for other in alike]
    return parts("network", found)


def _variation(held: Variation | None) -> list[Parameter]:
    if held is None:
        return []
    found = [_decimal(name, value) for name, value in (
        ("lowest", held.lowest), ("middle", held.middle), ("highest", held.highest), ("ratio", held.ratio),
    ) if value is not None]  # fmt: skip
    return [parts("variation", found)]


def _decimal(name: str, value: float) -> Parameter:
    return {"name": name, "valueDecimal": round(value, 4)}
