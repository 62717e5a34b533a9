"""The page of one measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import RESPONSIBLE, SERVICES, Building, link_to, overview_line, shown_figure
from metrics_service.dashboard.ethnic_categories import ETHNIC_CATEGORIES
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.numbers import plain, unit_named
from metrics_service.dashboard.page import MeasurePage, Row, Shown, Stratum
from metrics_service.dashboard.peers import Peers, compared, networks_within, parts_of
from metrics_service.dashboard.periods import Period, a_year_before, complete_periods, year_so_far
from metrics_service.dashboard.showing import PLACES, not_due, seen, seen_together, shown
from metrics_service.domain.comparison import Funnel
from metrics_service.domain.measures.definition import PER, Definition
from metrics_service.domain.measures.figure import Figure, Part
from metrics_service.measures.shipped import definitions
from tandem.clock import to_micros
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import COMMISSIONER

STRATIFIERS = {
    "age": "Age", "sex": "Sex", "ethnicity": "Ethnic group", "deprivation": "Deprivation of where they live",
    "category": "Kind", "detail": "Further kind", "place": "Place", "organisation": "Organisation", "status": "State",
}  # fmt: skip


def definition_named(name: str) -> Definition:
    """Raises FhirError 404."""
    definition = definitions().get(name)
    if definition is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such measure")
    return definition


class MeasureBuilding:
    """Builds the page of a measure with the figures and names of `building`."""

    def __init__(self, building: Building) -> None:
        self._building = building

    async def page(self, asked: Asked, definition: Definition) -> MeasurePage:
        """The figure of the financial year so far, by period, within the organisation, among peers, and by strata."""
        period = year_so_far(asked.day)
        before = a_year_before(period)
        periods = complete_periods(asked.day, definition.frequency)
        peers = await self._building.peers(asked)
        area = asked.area
        wanted = [Wanted(definition, area, period.span, strata=True), Wanted(definition, area, before.span)]
        wanted += [Wanted(definition, area, each.span) for each in periods]
        if peers.whole is not None:
            wanted.append(Wanted(definition, peers.whole, period.span))
        if peers.around is not None:
            wanted.append(Wanted(definition, peers.around, period.span))
        kept = await self._building.kept.figures(asked.kernel, wanted, fresh=asked.fresh)
        rest = iter(kept[2:])
        months = list(islice(rest, len(periods)))
        others = next(rest, None) if peers.whole is not None else None
        around = next(rest, None)
        figure = kept[0].figure
        line = overview_line(asked, definition, figure, kept[1].figure, peers, others, before.name)
        comparison, points = compared(definition, peers, others.figure if others else None, line.shown.number)
        if around is not None:
            comparison = replace(comparison, texts=(*comparison.texts, await self._around(asked, around.figure, peers)))
        funnel = _funnel(definition, figure, asked)
        return MeasurePage(
            await self._building.setting(asked, period.name, kept), line, SERVICES[definition.service],
            unit_named(definition.unit), _trend(asked, definition, periods, months),
            await self._within(asked, definition, figure, funnel), _what(asked), funnel, comparison, points,
            await self._strata(asked, definition, figure), said(definition), _notes(asked, definition, figure),
            people=f"/dashboard/measures/{definition.id}/people{asked.query}" if asked.exact else "",
            further=_further(asked, definition, figure),
        )  # fmt: skip

    async def _around(self, asked: Asked, figure: Figure, peers: Peers) -> str:
        """The figure of the network or area as a whole, as those see it who do not care for its people."""
        assert peers.around is not None, "it was counted"
        code = peers.around.code
        names = await self._building.names.of(asked.call, (code,))
        part = seen(figure.definition, figure.whole, exact=False)
        each = shown(figure.definition, part, known=not figure.without_list_size)
        return f"All of {names[code]}: {each.value}{f' ({each.counted})' if each.counted else ''}."

    async def _within(
        self, asked: Asked, definition: Definition, figure: Figure, funnel: Funnel | None
    ) -> tuple[Row, ...]:
        parts: Mapping[str, Part] = figure.by_practice
        if asked.area.kind == COMMISSIONER:
            async with asked.kernel.database.read() as connection:
                networks = await networks_within(connection, asked.area, to_micros(asked.kernel.clock.now()))
            parts = parts_of(figure, networks)
        if len(parts) < 2:
            return ()
        names = await self._building.names.of(asked.call, parts)
        rows = []
        # By name and not by figure: it is no league table.
        for code, part in seen_together(definition, parts, exact=asked.exact).items():
            each = shown(definition, part, known=code not in figure.without_list_size)
            place = ""
            if funnel is not None and each.number is not None and each.denominator:
                place = PLACES[funnel.place(each.number, each.denominator)]
            link = link_to(f"/measures/{definition.id}", code, asked) if code != asked.area.code else ""
            rows.append(Row(names[code], code, each, place, link))
        return tuple(sorted(rows, key=lambda row: (row.name, row.code)))

    async def _strata(self, asked: Asked, definition: Definition, figure: Figure) -> tuple[Stratum, ...]:
        found = []
        for name, parts in figure.strata.items():
            if not parts:
                continue
            names: Mapping[str, str] = {}
            if name in ("place", "organisation"):
                names = await self._building.names.of(asked.call, [code for code in parts if code])
            rows = [
                Row(names.get(value, _worded(name, value)), value or "", shown(definition, part))
                for value, part in sorted(
                    seen_together(definition, parts, exact=asked.exact).items(), key=lambda each: each[0] or "~"
                )
            ]
            found.append(Stratum(STRATIFIERS[name], tuple(rows)))
        return tuple(found)


def said(definition: Definition) -> tuple[tuple[str, str], ...]:
    """The definition in words, for whoever reads or downloads a figure."""
    lines = [
        ("Who and what is counted", definition.description),
        ("Unit", unit_named(definition.unit)),
        ("Who answers for it", RESPONSIBLE[definition.responsible]),
        ("What it is for", "Improvement, never to judge by" if definition.purpose == "improvement" else "Performance"),
        ("Source", definition.source),
        ("Requirements", ", ".join(definition.requirements)),
        ("Data", definition.data),
        ("How often", definition.frequency),
        ("When the threshold is missed", definition.consequence),
        *((f"Target of {target.year}", f"{_ends(target.minimum, target.maximum)} ({target.source})")
          for target in definition.targets),
        ("Version of the definition", f"{definition.id}, version {definition.version}"),
    ]  # fmt: skip
    return tuple((name, text) for name, text in lines if text)


def _trend(
    asked: Asked, definition: Definition, periods: list[Period], months: list[Kept]
) -> tuple[Row, ...]:  # fmt: skip
    parts = {str(place): each.figure.whole for place, each in enumerate(months)}
    together = seen_together(definition, parts, exact=asked.exact)
    return tuple(
        Row(period.name, "", shown(definition, together[str(place)], known=not each.figure.without_list_size))
        for place, (period, each) in enumerate(zip(periods, months, strict=True))
    )


def _funnel(definition: Definition, figure: Figure, asked: Asked) -> Funnel | None:
    """Around the figure of all together, as the reader sees it; only of what is divided by people."""
    centre = shown_figure(asked, definition, figure).number
    counts = definition.numerator.count in ("people", "things")
    if centre is None or definition.unit not in PER or isinstance(definition.denominator, float) or not counts:
        return None
    return Funnel(centre, PER[definition.unit], share=definition.unit in ("percent", "per-100"))


def _further(asked: Asked, definition: Definition, figure: Figure) -> tuple[Row, ...]:
    rows = []
    for name, part in figure.others.items():
        visible = seen(definition, part, exact=asked.exact)
        title = definition.populations[name].title or name.replace("-", " ")
        rows.append(Row(title, name, shown(definition, visible, known=False) if visible is None else _count(visible)))
    return tuple(rows)


def _count(part: Part) -> Shown:
    return Shown(plain(part.numerator), f"about {part.people} people" if part.people else "", part.numerator)


def _notes(asked: Asked, definition: Definition, figure: Figure) -> tuple[str, ...]:
    notes = []
    if figure.without_list_size:
        notes.append(f"There is no figure: no list size was told for {', '.join(figure.without_list_size)}.")
    due = not_due(definition, asked.day)
    if due:
        notes.append(f"{due}.")
    if not definition.attributable:
        notes.append("A measure of the whole system: it is not the network's position.")
    if figure.excluded:
        excluded = seen(definition, Part(figure.excluded, None, figure.excluded), exact=asked.exact)
        number = "Some" if excluded is None else plain(excluded.numerator)
        notes.append(f"{number} people are left out by the definition's exclusions.")
    return tuple(notes)


def _what(asked: Asked) -> str:
    return "networks" if asked.area.kind == COMMISSIONER else "practices"


def _worded(stratifier: str, value: str | None) -> str:
    if value is not None and stratifier == "ethnicity" and value in ETHNIC_CATEGORIES:
        return ETHNIC_CATEGORIES[value]
    return value.replace("-", " ") if value else "not recorded"


def _ends(low: float | None, high: float | None) -> str:
    return " to ".join(plain(end) for end in (low, high) if end is not None)
