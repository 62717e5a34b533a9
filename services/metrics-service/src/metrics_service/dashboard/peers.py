"""Peers: other networks of the same commissioner, or other practices of the same network, counted in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from metrics_service.dashboard.numbers import in_unit
from metrics_service.dashboard.page import Comparison
from metrics_service.domain.comparison import FEWEST_PEERS, quartiles_of
from metrics_service.domain.measures.definition import AVERAGES, Definition
from metrics_service.domain.measures.figure import Figure, Part, value_of
from metrics_service.measures.area import Area, area_of, networks_of
from tandem.database.connection import Connection
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE

_HOLDERS = (
    "SELECT DISTINCT m.holder FROM membership m JOIN organisation o ON o.code = m.holder AND o.kind = $3"
    " WHERE m.member = $1 AND m.starts <= $2 AND m.ends > $2 ORDER BY m.holder"
)
_QUARTERS = {
    "lowest": "in the lowest quarter", "second": "in the second lowest quarter",
    "third": "in the second highest quarter", "highest": "in the highest quarter",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Peers:
    """`whole` holds all of them and the organisation itself, so it is one and the same for all who are each other's
    peers and counted once for them; `members` says which organisations' figures make up each peer's.

    `around` is the network or area that they and the organisation itself belong to. `areas` are those of the networks.
    """

    what: str
    whole: Area | None
    members: Mapping[str, tuple[str, ...]]
    around: Area | None = None
    areas: Mapping[str, Area] = field(default_factory=dict)


async def peers_of(connection: Connection, area: Area, moment: int) -> Peers:
    """The others of the same kind under the same holder. A commissioner has none here."""
    if area.kind == PRACTICE:
        return await _practices(connection, area, moment)
    if area.kind == NETWORK:
        return await _networks(connection, area, moment)
    return Peers("areas", None, {})


async def networks_within(connection: Connection, area: Area, moment: int) -> dict[str, tuple[str, ...]]:
    """The networks of a commissioner's area, each with the organisations whose figures are its own."""
    if area.kind != COMMISSIONER:
        return {}
    areas = await _areas(connection, await networks_of(connection, area.code, moment), moment)
    return {code: each.organisations for code, each in areas.items()}


def parts_of(figure: Figure, members: Mapping[str, Iterable[str]]) -> dict[str, Part]:
    """The figure of each, put together from those of its members; of none where nothing is counted or divided by."""
    definition = figure.definition
    if definition.numerator.count in AVERAGES:
        return {}
    found = {}
    for name, codes in members.items():
        parts = [figure.by_practice[code] for code in codes if code in figure.by_practice]
        below = [part.denominator for part in parts if part.denominator is not None]
        if parts:
            found[name] = Part(
                sum(part.numerator for part in parts), sum(below) if below else None, sum(part.people for part in parts)
            )
    return found


def without_lists(figure: Figure, members: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Those of whom some list was not told: what is counted of all their people is not to be divided by a part."""
    missing = set(figure.without_list_size)
    return frozenset(name for name, codes in members.items() if not missing.isdisjoint(codes))


def compared(
    definition: Definition, what: str, parts: Mapping[str, Part], own: float | None, *, known: bool
) -> tuple[Comparison, tuple[tuple[float, float], ...]]:
    """The comparison with `what`, whose `parts` may be seen, and these as (denominator, value) for a funnel, unnamed.

    Not `known`: there are no others.
    """
    if not known:
        return Comparison(what, None, (f"No other {what} are known here to compare with.",)), ()
    if definition.numerator.count in AVERAGES and not parts:
        return Comparison(what, None, ("This measure cannot be put together for peers.",)), ()
    points = [
        (part.denominator or 0.0, value)
        for part in parts.values()
        if (value := value_of(definition, part)) is not None
    ]
    quartiles = quartiles_of([value for _, value in points])
    if quartiles is None:
        text = f"Fewer than {FEWEST_PEERS} other {what} have a figure large enough to be shown: no comparison."
        return Comparison(what, None, (text,)), ()
    ends = (quartiles.lower, quartiles.middle, quartiles.upper)
    low, middle, high = (in_unit(each, definition.unit) for each in ends)
    others = f"{quartiles.peers} other {what}"
    texts = (f"A quarter of {others} lie below {low}, half below {middle}, a quarter above {high}.",)
    place = ""
    if own is not None:
        same = quartiles.lower == own == quartiles.upper
        place = f"{'the same as most' if same else _QUARTERS[quartiles.quarter(own)]} of {others}"
    return Comparison(what, quartiles, texts, place), tuple(points)


async def _practices(connection: Connection, area: Area, moment: int) -> Peers:
    holders = await connection.fetch(_HOLDERS, area.code, moment, NETWORK)
    around = [await area_of(connection, row["holder"], NETWORK, moment) for row in holders]
    others = {code for each in around for code in each.practices} - {area.code}
    members = {code: (code,) for code in sorted(others)}
    return _peers("practices of the network", members, area, around)


async def _networks(connection: Connection, area: Area, moment: int) -> Peers:
    holders = await connection.fetch(_HOLDERS, area.code, moment, COMMISSIONER)
    around = [await area_of(connection, row["holder"], COMMISSIONER, moment) for row in holders]
    networks: set[str] = set()
    for each in around:
        networks |= set(await networks_of(connection, each.code, moment))
    areas = await _areas(connection, sorted(networks - {area.code}), moment)
    members = {code: each.organisations for code, each in areas.items()}
    found = replace(_peers("networks of the area", members, area, around), areas=areas)
    if found.whole is None:
        return found
    # Their organisations have care homes among them, which have no list.
    practices = {*area.practices, *(practice for each in areas.values() for practice in each.practices)}
    return replace(found, whole=replace(found.whole, practices=tuple(sorted(practices))))


async def _areas(connection: Connection, networks: Iterable[str], moment: int) -> dict[str, Area]:
    return {network: await area_of(connection, network, NETWORK, moment) for network in networks}


def _peers(what: str, members: Mapping[str, tuple[str, ...]], own: Area, around: Sequence[Area]) -> Peers:
    if not members:
        return Peers(what, None, {})
    every = tuple(sorted({*own.organisations, *(code for codes in members.values() for code in codes)}))
    return Peers(what, Area("peers", own.kind, every, every), members, around[0])
