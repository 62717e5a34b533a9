"""What a figure is set beside: those of the other practices, networks or care homes of the same kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.kept_figures import Kept, Wanted
from metrics_service.dashboard.page import Comparison
from metrics_service.dashboard.peers import Peers, compared, parts_of, without_lists
from metrics_service.dashboard.periods import Period
from metrics_service.dashboard.showing import seen, seen_together
from metrics_service.domain.measures.definition import AVERAGES, Definition
from metrics_service.domain.measures.figure import Figure, Part, nothing_of
from metrics_service.measures.homes import homes_together

HOMES: Final = "care homes"
MOST_LIKE_IT: Final = "networks most like it"
REST: Final = ""
"""In place of a code: what belongs to none of them."""
Points = tuple[tuple[float, float], ...]
"""Denominator and value of each, without its name."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure of `code`, and by code the parts of the others, of the same days; `what` these are called.

    Together they are a table whose total is shown elsewhere, so what is hidden of one hides another with it. `rest`
    is what belongs to none of them, `whole` the figure of all. With `cared_for` the others belong to the reader, too.
    `known`: there are others at all. `alike` are those that the organisation was matched with. Of `incomparable` a list
    was not told: they are hidden like others, and not compared with. With `total_hidden` the figure of all is hidden
    where it is shown, and so is each of these.
    """

    own: Figure
    code: str
    what: str
    others: Mapping[str, Part] = field(default_factory=dict)
    rest: Part | None = None
    whole: Figure | None = None
    cared_for: bool = False
    known: bool = False
    alike: tuple[str, ...] = ()
    incomparable: frozenset[str] = frozenset()
    total_hidden: bool = False

    def own_part(self, *, exact: bool) -> Part | None:
        """The own part as it may be seen; None when it is hidden."""
        if self.total_hidden and not exact:
            return None
        if exact or not (self.others or self.rest):
            return seen(self.own.definition, self.own.whole, exact=exact)
        return self._seen({self.code: self.own.whole, **self.others}, exact=False)[self.code]

    def other_parts(self, *, exact: bool) -> dict[str, Part]:
        """Those of the others that may be seen; where the reader cares for none of their people, as for anybody."""
        if self.total_hidden and not exact:
            return {}
        cells = {**self.others} if exact else {self.code: self.own.whole, **self.others}
        table = self._seen(cells, exact=exact and self.cared_for)
        return {code: part for code in self.others if (part := table[code]) is not None}

    def _seen(self, cells: Mapping[str, Part], *, exact: bool) -> dict[str, Part | None]:
        if self.rest is not None:
            cells = {**cells, REST: self.rest}
        return seen_together(self.own.definition, cells, exact=exact)

    def comparison(self, number: float | None, *, exact: bool) -> tuple[Comparison, Points]:
        """With all others; `number` is the own value as it is shown."""
        definition = self.own.definition
        if self.cared_for and not definition.by_size:
            text = "A number, which says more of the size of a home than of its care: it is not compared."
            return Comparison(self.what, None, (text,)), ()
        return compared(definition, self.what, self._comparable(exact=exact), number, known=self.known)

    def comparison_with_alike(self, number: float | None, *, exact: bool) -> Comparison | None:
        """With those that it was matched with; None where it was matched with none."""
        if not self.alike:
            return None
        parts = {code: part for code, part in self._comparable(exact=exact).items() if code in self.alike}
        return compared(self.own.definition, MOST_LIKE_IT, parts, number, known=True)[0]

    def _comparable(self, *, exact: bool) -> dict[str, Part]:
        return {code: part for code, part in self.other_parts(exact=exact).items() if code not in self.incomparable}


async def beside_peers(
    asked: Asked, figures: Sequence[Figure], peers: Peers, period: Period,
    alike: tuple[str, ...] = (),
) -> list[Beside]:  # fmt: skip
    """The figures of an organisation beside those of its peers."""
    if peers.whole is None:
        return [Beside(each, asked.area.code, peers.what) for each in figures]
    wanted = [Wanted(each.definition, peers.whole, period.span) for each in figures]
    found = await asked.figures(wanted)
    return [
        Beside(
            own, asked.area.code, peers.what, parts_of(others.figure, peers.members), known=bool(peers.members),
            alike=alike, incomparable=without_lists(others.figure, peers.members),
        )
        for own, others in zip(figures, found, strict=True)
    ]


async def beside_homes(
    asked: Asked, figures: Sequence[Figure], homes: Sequence[str], period: Period
) -> list[Beside]:
    """The figures of a care home beside those of the other `homes` (codes) of the same organisation."""
    assert asked.home is not None, "asked of a home"
    code = asked.home.code
    counted = await homes_counted(asked, [each.definition for each in figures], homes, period)
    found = []
    for own, (whole, parts) in zip(figures, counted, strict=True):
        others = {name: part for name, part in parts.items() if name != code}
        rest = rest_of(whole.figure, [own.whole, *others.values()])
        found.append(Beside(own, code, HOMES, others, rest, whole.figure, cared_for=True, known=bool(others)))
    return found


async def homes_counted(
    asked: Asked, definitions: Sequence[Definition], homes: Sequence[str], period: Period
) -> list[tuple[Kept, dict[str, Part]]]:
    """Of each measure the figure of the whole organisation, and by code the part of each home.

    The homes are counted together: a network has dozens.
    """
    area = asked.whole.area
    areas = (area, homes_together(area, homes))
    wanted = [Wanted(each, place, period.span) for place in areas for each in definitions]
    found = await asked.figures(wanted)
    whole, by_home = found[: len(definitions)], found[len(definitions) :]
    return [
        (all_of_it, {code: each.figure.by_practice.get(code, nothing_of(each.figure.definition)) for code in homes})
        for all_of_it, each in zip(whole, by_home, strict=True)
    ]


def rest_of(whole: Figure, parts: Sequence[Part]) -> Part | None:
    """What belongs to none of the parts; never less than nothing, where somebody belongs to two. None of averages."""
    if whole.definition.numerator.count in AVERAGES:
        return None
    below = None
    if whole.whole.denominator is not None:
        below = max(0.0, whole.whole.denominator - sum(part.denominator or 0 for part in parts))
    return Part(
        max(0.0, whole.whole.numerator - sum(part.numerator for part in parts)), below,
        max(0, whole.whole.people - sum(part.people for part in parts)),
    )  # fmt: skip
