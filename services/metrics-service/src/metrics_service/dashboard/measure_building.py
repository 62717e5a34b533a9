"""The page of one measure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from metrics_service.dashboard.around import Around, figure_around
from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.building import Building
from metrics_service.dashboard.ethnic_categories import ETHNIC_CATEGORIES
from metrics_service.dashboard.homes_table import homes_table
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.measure_lines import funnel_around, link_to, overview_line, place_in
from metrics_service.dashboard.numbers import plain, unit_named
from metrics_service.dashboard.page import MeasurePage, Row, Shown, Stratum
from metrics_service.dashboard.peers import without_lists
from metrics_service.dashboard.periods import Period, a_year_before, complete_periods, year_so_far
from metrics_service.dashboard.showing import not_due, seen, seen_within, shown
from metrics_service.dashboard.titles import RESPONSIBLE, SERVICES, STRATIFIERS
from metrics_service.dashboard.within import networks_of_area, networks_seen, practices_seen
from metrics_service.domain.comparison import Funnel
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Figure, Part
from metrics_service.measures.homes import practices_living_in
from metrics_service.measures.shipped import definitions
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import COMMISSIONER


def definition_named(name: str, asked: Asked) -> Definition:
    """Raises FhirError 404, also for a measure that cannot be told of the one care home that is asked for."""
    definition = definitions().get(name)
    if definition is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such measure")
    if asked.home is not None and not definition.of_one_home:
        raise FhirError(Kind.NOT_FOUND, "This measure is not counted for one care home")
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
        wanted = [Wanted(definition, asked.area, period.span, strata=True), Wanted(definition, asked.area, before.span)]
        wanted += [Wanted(definition, asked.area, each.span) for each in periods]
        kept = await asked.figures(wanted)
        figure = kept[0].figure
        [beside] = await self._building.beside(asked, [figure], period)
        [earlier] = await self._building.before(asked, [kept[1].figure], before)
        line = overview_line(asked, definition, beside, earlier, before.name)
        comparison, points = beside.comparison(line.shown.number, exact=asked.exact)
        around = await figure_around(self._building, asked, definition, period, hidden=beside.total_hidden)
        hidden = line.shown.hidden
        # Its middle is the figure itself.
        funnel = None if asked.home is not None or hidden else funnel_around(definition, figure, asked)
        return MeasurePage(
            await self._building.setting(asked, period.name, kept), line, SERVICES[definition.service],
            unit_named(definition.unit), trend_rows(asked, definition, periods, kept[2:], total_hidden=hidden),
            await self._within(asked, definition, figure, funnel, total_hidden=hidden), _what(asked), funnel,
            replace(comparison, texts=(*comparison.texts, *(await self._told(asked, around)))),
            beside.comparison_with_alike(line.shown.number, exact=asked.exact),
            await homes_table(self._building, asked, definition, beside, period), points,
            await self._strata(asked, definition, figure, total_hidden=hidden), said(definition),
            _notes(asked, definition, figure, total_hidden=hidden),
            people=f"/dashboard/measures/{definition.id}/people{asked.query}" if asked.exact else "",
            further=() if hidden else _further(asked, definition, figure),
        )  # fmt: skip

    async def _told(self, asked: Asked, around: Around | None) -> tuple[str, ...]:
        """The figure of all together, in words."""
        if around is None:
            return ()
        names = await self._building.names.of(asked.call, (around.code,))
        figure = around.kept.figure
        each = shown(figure.definition, around.part, known=not figure.without_list_size)
        return (f"All of {names[around.code]}: {each.value}{f' ({each.counted})' if each.counted else ''}.",)

    async def _within(
        self, asked: Asked, definition: Definition, figure: Figure, funnel: Funnel | None, *, total_hidden: bool
    ) -> tuple[Row, ...]:
        networks = await networks_of_area(asked)
        seen_parts = networks_seen if asked.area.kind == COMMISSIONER else practices_seen
        parts = seen_parts(figure, networks, exact=asked.exact, total_hidden=total_hidden)
        if len(parts) < 2:
            return ()
        names = await self._building.names.of(asked.call, parts)
        linked = await _with_pages(asked, parts)
        unknown = {*figure.without_list_size, *without_lists(figure, networks)}
        rows = []
        # By name and not by figure: it is no league table.
        for code, part in parts.items():
            each = shown(definition, part, known=code not in unknown)
            link = link_to(f"/measures/{definition.id}", code, asked) if code in linked else ""
            rows.append(Row(names[code], code, each, place_in(funnel, each), link))
        return tuple(sorted(rows, key=lambda row: (row.name, row.code)))

    async def _strata(
        self, asked: Asked, definition: Definition, figure: Figure, *, total_hidden: bool
    ) -> tuple[Stratum, ...]:
        found = []
        for name, parts in figure.strata.items():
            if not parts:
                continue
            names: Mapping[str, str] = {}
            if name in ("place", "organisation"):
                names = await self._building.names.of(asked.call, [code for code in parts if code])
            visible = seen_within(definition, parts, exact=asked.exact, total_hidden=total_hidden)
            rows = [
                Row(names.get(value, _worded(name, value)), value or "", shown(definition, part))
                for value, part in sorted(visible.items(), key=lambda each: each[0] or "~")
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


def trend_rows(
    asked: Asked, definition: Definition, periods: Sequence[Period], months: Sequence[Kept], *, total_hidden: bool
) -> tuple[Row, ...]:
    """The figure of each period, as the reader may see them together and beside that of the year so far."""
    parts = {str(place): each.figure.whole for place, each in enumerate(months)}
    together = seen_within(definition, parts, exact=asked.exact, total_hidden=total_hidden)
    return tuple(
        Row(period.name, "", shown(definition, together[str(place)], known=not each.figure.without_list_size))
        for place, (period, each) in enumerate(zip(periods, months, strict=True))
    )


async def _with_pages(asked: Asked, codes: Collection[str]) -> set[str]:
    """Those within the organisation that have the same page of their own: of a home, whose people live there now, for
    who sees where people live."""
    others = set(codes) - {asked.area.code}
    if asked.home is None or not asked.exact:
        return others
    async with asked.kernel.database.read() as connection:
        return await practices_living_in(connection, asked.home.code, others, asked.moment)


def _further(asked: Asked, definition: Definition, figure: Figure) -> tuple[Row, ...]:
    rows = []
    for name, part in figure.others.items():
        visible = seen(definition, part, exact=asked.exact)
        title = definition.populations[name].title or name.replace("-", " ")
        rows.append(Row(title, name, shown(definition, visible, known=False) if visible is None else _count(visible)))
    return tuple(rows)


def _count(part: Part) -> Shown:
    return Shown(plain(part.numerator), f"about {part.people} people" if part.people else "", part.numerator)


def _notes(asked: Asked, definition: Definition, figure: Figure, *, total_hidden: bool) -> tuple[str, ...]:
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
        number = "Some" if excluded is None or total_hidden else plain(excluded.numerator)
        notes.append(f"{number} people are left out by the definition's exclusions.")
    return tuple(notes)


def _what(asked: Asked) -> str:
    return "networks" if asked.area.kind == COMMISSIONER else "practices"


def _worded(stratifier: str, value: str | None) -> str:
    if value is not None and stratifier == "ethnicity" and value in ETHNIC_CATEGORIES:
        return ETHNIC_CATEGORIES[value]
    if value is not None and stratifier == "age":
        return value.replace("-", " to ")
    return value.replace("-", " ") if value else "not recorded"


def _ends(low: float | None, high: float | None) -> str:
    return " to ".join(plain(end) for end in (low, high) if end is not None)
