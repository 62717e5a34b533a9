"""What may be seen of the parts of an organisation: the networks of an area, and the practices of each.

Where a network is hidden, so are its practices: together they would give it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metrics_service.dashboard.asking import Asked
from metrics_service.dashboard.peers import networks_within, parts_of
from metrics_service.dashboard.showing import seen_within
from metrics_service.domain.measures.figure import Figure, Part
from tandem.clock import to_micros

Networks = Mapping[str, Sequence[str]]
"""By code, the organisations whose figures are the network's."""


async def networks_of_area(asked: Asked) -> Networks:
    """The networks of a commissioner's area; none of a network or practice."""
    async with asked.kernel.database.read() as connection:
        return await networks_within(connection, asked.area, to_micros(asked.kernel.clock.now()))


def networks_seen(
    figure: Figure, networks: Networks, *, exact: bool, total_hidden: bool
) -> dict[str, Part | None]:
    """The networks of an area beside each other, None for one that is hidden; none of an average."""
    parts = parts_of(figure, networks)
    return seen_within(figure.definition, parts, exact=exact, total_hidden=total_hidden)


def practices_seen(
    figure: Figure, networks: Networks, *, exact: bool, total_hidden: bool
) -> dict[str, Part | None]:
    """The practices of a network beside each other; those of an area network by network, as each practice's own page
    shows them."""
    above = networks_seen(figure, networks, exact=exact, total_hidden=total_hidden)
    found: dict[str, Part | None] = {}
    rest = set(figure.by_practice).difference(*networks.values())
    for network, codes in [*networks.items(), ("", sorted(rest))]:
        parts = {code: figure.by_practice[code] for code in codes if code in figure.by_practice}
        hidden = total_hidden or (network in above and above[network] is None)
        for code, part in seen_within(figure.definition, parts, exact=exact, total_hidden=hidden).items():
            # Of two networks, each hides what it has to.
            found[code] = None if found.get(code, part) is None else part
    return found
