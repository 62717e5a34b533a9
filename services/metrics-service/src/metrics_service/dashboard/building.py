"""Pages put together: which figures they need, and what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.beside import Beside, beside_homes, beside_peers
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.matching import matching
from metrics_service.dashboard.measure_lines import home_path, link_to, measures_due, overview_line, sections_of
from metrics_service.dashboard.organisation_names import OrganisationNames
from metrics_service.dashboard.page import HomeNamed, MeasureLine, Overview, Setting
from metrics_service.dashboard.peers import Peers, networks_within, peers_of
from metrics_service.dashboard.periods import Period, a_year_before, written, year_so_far
from metrics_service.dashboard.titles import KINDS
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Figure
from tandem.clock import LONDON, to_micros
from tandem.identity.organisations import COMMISSIONER, NETWORK


class Building:
    """What pages are built with: names."""

    def __init__(self) -> None:
        self.names = OrganisationNames()

    async def overview(self, asked: Asked) -> Overview:
        """The position on each service in the financial year so far, against a year before and against peers."""
        period = year_so_far(asked.day)
        lines, now = await self.lines(asked, measures_due(asked), period)
        setting = await self.setting(asked, period.name, now)
        return Overview(
            setting, sections_of(lines, asked), await self._within(asked), await self.homes(asked),
            asked.area.kind == NETWORK,
        )  # fmt: skip

    async def lines(
        self, asked: Asked, due: Sequence[Definition], period: Period
    ) -> tuple[dict[str, MeasureLine], list[Kept]]:
        """What is said of each measure, by its id, and the figures of the period."""
        before = a_year_before(period)
        wanted = [Wanted(each, asked.area, span) for span in (period.span, before.span) for each in due]
        kept = await asked.figures(wanted)
        now, then = kept[: len(due)], kept[len(due) :]
        beside = await self.beside(asked, [each.figure for each in now], period)
        earlier = await self.before(asked, [each.figure for each in then], before)
        lines = {
            each.id: overview_line(asked, each, own, past, before.name)
            for each, own, past in zip(due, beside, earlier, strict=True)
        }
        return lines, now

    async def beside(self, asked: Asked, figures: Sequence[Figure], period: Period) -> list[Beside]:
        """The figures, beside those of the others of the same kind."""
        if asked.home is not None:
            async with asked.kernel.database.read() as connection:
                homes = await asked.homes(connection)
            each_home = await beside_homes(asked, figures, list(homes), period)
            return each_home if asked.exact else await self._within_wholes(asked, each_home, period)
        peers = await self.peers(asked)
        found = await matching(asked, peers, year_so_far(asked.day))
        alike = found.alike if found is not None else ()
        return await beside_peers(asked, figures, peers, period, alike)

    async def _within_wholes(self, asked: Asked, homes: Sequence[Beside], period: Period) -> list[Beside]:
        """The same, hidden where the page of the whole organisation hides its figure: from them it could be had."""
        wholes = await self.beside(asked.whole, [each.whole for each in homes if each.whole is not None], period)
        return [
            replace(each, total_hidden=whole.own_part(exact=False) is None)
            for each, whole in zip(homes, wholes, strict=True)
        ]

    async def before(self, asked: Asked, figures: Sequence[Figure], period: Period) -> list[Beside]:
        """Figures of earlier days. Others are asked for only where something of them could have to be hidden."""
        if asked.exact:
            return [Beside(each, asked.area.code, "") for each in figures]
        return await self.beside(asked, figures, period)

    async def homes(self, asked: Asked) -> tuple[tuple[str, str], ...]:
        """The care homes of a network or practice, by name, with the address of the page of each."""
        if asked.area.kind == COMMISSIONER:
            return ()
        async with asked.kernel.database.read() as connection:
            homes = await asked.homes(connection)
        names = await self.names.of(asked.call, homes)
        return tuple(sorted((names[code], f"{home_path(code)}{asked.query}") for code in homes))

    async def peers(self, asked: Asked) -> Peers:
        """The others of the same kind."""
        async with asked.kernel.database.read() as connection:
            return await peers_of(connection, asked.area, to_micros(asked.kernel.clock.now()))

    async def setting(self, asked: Asked, period: str, kept: Sequence[Kept]) -> Setting:
        """What the page says of itself."""
        code, reader = asked.area.code, asked.call.request.caller.organisation
        names = await self.names.of(asked.call, (code, reader, *([asked.home.code] if asked.home else ())))
        counted = min((each.counted for each in kept), default=asked.kernel.clock.now()).astimezone(LONDON)
        return Setting(
            names[code], code, KINDS.get(asked.area.kind, asked.area.kind), names[reader], period,
            asked.day.isoformat(), f"{written(counted.date())} at {counted:%H:%M}", asked.exact, asked.query,
            _home_named(asked, names),
        )  # fmt: skip

    async def _within(self, asked: Asked) -> tuple[tuple[str, str], ...]:
        """The organisations whose own pages the reader may go to."""
        async with asked.kernel.database.read() as connection:
            networks = await networks_within(connection, asked.area, to_micros(asked.kernel.clock.now()))
        codes = [code for code in (networks or asked.area.practices) if code != asked.area.code]
        names = await self.names.of(asked.call, codes)
        return tuple((names[code], link_to("", code, asked)) for code in codes)


def _home_named(asked: Asked, names: Mapping[str, str]) -> HomeNamed | None:
    if asked.home is None:
        return None
    code = asked.home.code
    query = asked.whole.query
    return HomeNamed(names[code], code, home_path(code), query, f"/dashboard{query}")
