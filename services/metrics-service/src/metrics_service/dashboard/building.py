"""Pages put together: which figures they need, and what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Final
from urllib.parse import quote

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.kept_figures import Kept, KeptFigures, Wanted
from metrics_service.dashboard.organisation_names import OrganisationNames
from metrics_service.dashboard.page import MeasureLine, Overview, ServiceSection, Setting, Shown
from metrics_service.dashboard.peers import Peers, compared, networks_within, peers_of
from metrics_service.dashboard.periods import a_year_before, written, year_so_far
from metrics_service.dashboard.showing import band, change, not_due, seen, shown
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Figure
from metrics_service.measures.shipped import definitions
from tandem.clock import LONDON, to_micros

SERVICES: Final[Mapping[str, str]] = {
    "SMR": "Structured medication reviews", "EHCH": "Enhanced health in care homes", "AC": "Anticipatory care",
    "PC": "Personalised care", "ECD": "Early cancer diagnosis", "PCPC": "Proactive coordinated primary care",
    "PCN": "Primary care network",
}  # fmt: skip
KINDS: Final = {"practice": "practice", "network": "primary care network", "commissioner": "commissioner's area"}
RESPONSIBLE: Final = {
    "practice": "Practices", "network": "The network", "community-provider": "Community providers",
    "hospital": "Hospitals", "commissioner": "The commissioner", "care-home": "Care homes",
}  # fmt: skip


class Building:
    """What pages are built with: kept figures and names."""

    def __init__(self) -> None:
        self.kept = KeptFigures()
        self.names = OrganisationNames()

    async def overview(self, asked: Asked) -> Overview:
        """The position on each service in the financial year so far, against a year before and against peers."""
        period = year_so_far(asked.day)
        before = a_year_before(period)
        due = [each for each in definitions().values() if not not_due(each, asked.day)]
        peers = await self.peers(asked)
        wanted = [Wanted(each, asked.area, period.span) for each in due]
        wanted += [Wanted(each, asked.area, before.span) for each in due]
        if peers.whole is not None:
            wanted += [Wanted(each, peers.whole, period.span) for each in due]
        kept = iter(await self.kept.figures(asked.kernel, wanted, fresh=asked.fresh))
        now, then = list(islice(kept, len(due))), list(islice(kept, len(due)))
        others: list[Kept | None] = list(kept) or [None] * len(due)
        lines = {
            definition.id: overview_line(asked, definition, each.figure, earlier.figure, peers, other, before.name)
            for definition, each, earlier, other in zip(due, now, then, others, strict=True)
        }
        setting = await self.setting(asked, period.name, now)
        return Overview(setting, _sections(lines, asked), await self._within(asked))

    async def peers(self, asked: Asked) -> Peers:
        """The others of the same kind."""
        async with asked.kernel.database.read() as connection:
            return await peers_of(connection, asked.area, to_micros(asked.kernel.clock.now()))

    async def setting(self, asked: Asked, period: str, kept: Sequence[Kept]) -> Setting:
        """What the page says of itself."""
        code, reader = asked.area.code, asked.call.request.caller.organisation
        names = await self.names.of(asked.call, (code, reader))
        counted = min((each.counted for each in kept), default=asked.kernel.clock.now()).astimezone(LONDON)
        return Setting(
            names[code], code, KINDS.get(asked.area.kind, asked.area.kind), names[reader], period,
            asked.day.isoformat(), f"{written(counted.date())} at {counted:%H:%M}", asked.exact, asked.query,
        )  # fmt: skip

    async def _within(self, asked: Asked) -> tuple[tuple[str, str], ...]:
        """The organisations whose own pages the reader may go to."""
        async with asked.kernel.database.read() as connection:
            networks = await networks_within(connection, asked.area, to_micros(asked.kernel.clock.now()))
        codes = [code for code in (networks or asked.area.practices) if code != asked.area.code]
        names = await self.names.of(asked.call, codes)
        return tuple((names[code], link_to("", code, asked)) for code in codes)


def overview_line(
    asked: Asked, definition: Definition, figure: Figure, before: Figure, peers: Peers, others: Kept | None, when: str
) -> MeasureLine:
    """One measure of an overview, as the reader may see it."""
    now = shown_figure(asked, definition, figure)
    then = shown_figure(asked, definition, before)
    comparison, _ = compared(definition, peers, others.figure if others else None, now.number)
    return MeasureLine(
        definition.id, definition.title, now, f"/dashboard/measures/{quote(definition.id)}{asked.query}",
        band(definition, figure.target, now.number), change(definition, now, then, when), comparison.own,
        RESPONSIBLE[definition.responsible], definition.network_position,
        definition.purpose == "improvement",
    )  # fmt: skip


def shown_figure(asked: Asked, definition: Definition, figure: Figure) -> Shown:
    """The whole figure as the reader may see it."""
    part = seen(definition, figure.whole, exact=asked.exact)
    return shown(definition, part, known=not figure.without_list_size)


def link_to(path: str, code: str, asked: Asked) -> str:
    """A page of another organisation, on the same day."""
    day = f"&as-of={asked.day.isoformat()}" if asked.day != asked.today else ""
    return f"/dashboard{path}?organisation={quote(code, safe='')}{day}"


def _sections(lines: Mapping[str, MeasureLine], asked: Asked) -> tuple[ServiceSection, ...]:
    found = []
    for code, name in SERVICES.items():
        own = [each for each in definitions().values() if each.service == code]
        if not own:
            continue
        shown_lines = [lines.get(each.id) or _later(each, asked.day, asked) for each in own]
        headline = next((line for each, line in zip(own, shown_lines, strict=True) if each.headline), None)
        rest = [line for line in shown_lines if line is not headline]
        found.append(
            ServiceSection(
                code, name, headline, tuple(line for line in rest if line.own_position),
                tuple(line for line in rest if not line.own_position),
            )
        )
    return tuple(found)


def _later(definition: Definition, day: date, asked: Asked) -> MeasureLine:
    return MeasureLine(
        definition.id, definition.title, Shown(""), f"/dashboard/measures/{quote(definition.id)}{asked.query}", None,
        "", "", RESPONSIBLE[definition.responsible], definition.network_position,
        definition.purpose == "improvement", not_due(definition, day),
    )  # fmt: skip
