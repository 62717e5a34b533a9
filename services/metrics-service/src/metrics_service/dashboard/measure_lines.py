"""What is said of one measure in a list of them, as the reader may see it, and where its links lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import quote

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.beside import Beside
from metrics_service.dashboard.overview_figures import due_on
from metrics_service.dashboard.page import MeasureLine, ServiceSection, Shown
from metrics_service.dashboard.showing import PLACES, band, change, not_due, seen, shown
from metrics_service.dashboard.titles import RESPONSIBLE, SERVICES
from metrics_service.domain.comparison import Funnel
from metrics_service.domain.measures.definition import PER, Definition
from metrics_service.domain.measures.figure import Figure
from metrics_service.measures.shipped import definitions


def overview_line(
    asked: Asked, definition: Definition, beside: Beside, before: Beside, when: str
) -> MeasureLine:  # fmt: skip
    """One measure of an overview, as the reader may see it."""
    now, then = shown_beside(asked, beside), shown_beside(asked, before)
    others, _ = beside.comparison(now.number, exact=asked.exact)
    matched = beside.comparison_with_alike(now.number, exact=asked.exact)
    own = matched.own if matched is not None and matched.own else others.own
    place = place_among_homes(asked, beside, now)
    return MeasureLine(
        definition.id, definition.title, now, f"/dashboard/measures/{quote(definition.id)}{asked.query}",
        band(definition, beside.own.target, now.number), change(definition, now, then, when),
        ", ".join(text for text in (own, place) if text), RESPONSIBLE[definition.responsible],
        definition.network_position, definition.purpose == "improvement",
    )  # fmt: skip


def shown_beside(asked: Asked, beside: Beside) -> Shown:
    """The own figure as the reader may see it."""
    part = beside.own_part(exact=asked.exact)
    return shown(beside.own.definition, part, known=not beside.own.without_list_size)


def shown_figure(asked: Asked, definition: Definition, figure: Figure) -> Shown:
    """A whole figure by itself as the reader may see it."""
    part = seen(definition, figure.whole, exact=asked.exact)
    return shown(definition, part, known=not figure.without_list_size)


def funnel_around(definition: Definition, figure: Figure, asked: Asked) -> Funnel | None:
    """Around the figure of all together, as the reader sees it; only of what is divided by people."""
    centre = shown_figure(asked, definition, figure).number
    counts = definition.numerator.count in ("people", "things")
    if centre is None or definition.unit not in PER or isinstance(definition.denominator, float) or not counts:
        return None
    return Funnel(centre, PER[definition.unit], share=definition.unit == "percent" or definition.is_share)


def place_in(funnel: Funnel | None, each: Shown) -> str:
    """How a figure lies in a funnel, in words; empty where there is no funnel or no figure."""
    if funnel is None or each.number is None or not each.denominator:
        return ""
    return PLACES[funnel.place(each.number, each.denominator)]


def place_among_homes(asked: Asked, beside: Beside, each: Shown) -> str:
    """Of a care home, how it lies in the funnel around the figure of its organisation."""
    if asked.home is None or beside.whole is None or not beside.known or beside.total_hidden:
        return ""
    return place_in(funnel_around(beside.own.definition, beside.whole, asked), each)


def measures_due(asked: Asked) -> list[Definition]:
    """The measures that are asked for on the day; of a care home those that can be told of one."""
    due = due_on(asked.day)
    return due if asked.home is None else [each for each in due if each.of_one_home]


def home_path(code: str) -> str:
    """The page of a care home."""
    return f"/dashboard/homes/{quote(code, safe='')}"


def link_to(path: str, code: str, asked: Asked) -> str:
    """A page of another organisation, of the same home and on the same day."""
    home = f"&home={quote(asked.home.code, safe='')}" if asked.home is not None else ""
    day = f"&as-of={asked.day.isoformat()}" if asked.day != asked.today else ""
    return f"/dashboard{path}?organisation={quote(code, safe='')}{home}{day}"


def section_of(code: str, own: Sequence[Definition], lines: Mapping[str, MeasureLine], asked: Asked) -> ServiceSection:
    """The measures of a service."""
    shown_lines = [lines.get(each.id) or _later(each, asked.day, asked) for each in own]
    headline = next((line for each, line in zip(own, shown_lines, strict=True) if each.headline), None)
    rest = [line for line in shown_lines if line is not headline]
    return ServiceSection(
        code, SERVICES[code], headline, tuple(line for line in rest if line.own_position),
        tuple(line for line in rest if not line.own_position),
    )  # fmt: skip


def sections_of(lines: Mapping[str, MeasureLine], asked: Asked) -> tuple[ServiceSection, ...]:
    """All services that have measures."""
    services = {code: [each for each in definitions().values() if each.service == code] for code in SERVICES}
    return tuple(section_of(code, own, lines, asked) for code, own in services.items() if own)


def _later(definition: Definition, day: date, asked: Asked) -> MeasureLine:
    return MeasureLine(
        definition.id, definition.title, Shown(""), f"/dashboard/measures/{quote(definition.id)}{asked.query}", None,
        "", "", RESPONSIBLE[definition.responsible], definition.network_position,
        definition.purpose == "improvement", not_due(definition, day),
    )  # fmt: skip
