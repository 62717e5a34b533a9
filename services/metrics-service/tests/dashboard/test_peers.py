"""Who is compared with whom: the figure of all together is one for those who are each other's peers."""

from __future__ import annotations

from typing import Any

from metrics_service.dashboard.peers import Peers, peers_of, without_lists
from metrics_service.domain.measures.figure import Figure, Part
from metrics_service.domain.measures.span import Span
from metrics_service.measures.area import area_of
from metrics_service.measures.shipped import definitions
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE

AREA = "QT1"
NETWORKS = {"U10001": ("A10001", "A10002"), "U10002": ("A20001",), "U10003": ("A30001",)}


async def _told_of_the_area(metrics: Any) -> None:
    kinds = {AREA: COMMISSIONER, **dict.fromkeys(NETWORKS, NETWORK)}
    kinds |= {practice: PRACTICE for practices in NETWORKS.values() for practice in practices}
    pairs = [(AREA, network) for network in NETWORKS]
    pairs += [(network, practice) for network, practices in NETWORKS.items() for practice in practices]
    for code, kind in kinds.items():
        await metrics.organisation(code, kind)
    for holder, member in pairs:
        await metrics.member(holder, member)


async def _peers_of(metrics: Any, code: str, kind: str) -> Peers:
    async with metrics.database.read() as connection:
        return await peers_of(connection, await area_of(connection, code, kind, 1), 1)


async def test_networks_of_an_area_share_the_figure_of_all_and_leave_themselves_out(metrics: Any) -> None:
    await _told_of_the_area(metrics)
    found = {network: await _peers_of(metrics, network, NETWORK) for network in NETWORKS}
    [whole] = {each.whole for each in found.values()}
    assert whole is not None
    assert whole.practices == ("A10001", "A10002", "A20001", "A30001")
    assert {network: set(each.members) for network, each in found.items()} == {
        network: set(NETWORKS) - {network} for network in NETWORKS
    }


async def test_practices_of_a_network_share_the_figure_of_all_and_leave_themselves_out(metrics: Any) -> None:
    await _told_of_the_area(metrics)
    one, other = [await _peers_of(metrics, practice, PRACTICE) for practice in NETWORKS["U10001"]]
    assert one.whole == other.whole
    assert one.whole is not None
    assert one.whole.practices == ("A10001", "A10002")
    assert (set(one.members), set(other.members)) == ({"A10002"}, {"A10001"})


async def test_the_only_practice_of_a_network_has_no_peers(metrics: Any) -> None:
    await _told_of_the_area(metrics)
    alone = await _peers_of(metrics, "A20001", PRACTICE)
    assert (alone.whole, alone.members) == (None, {})


def test_a_network_of_which_one_list_was_not_told_is_named() -> None:
    figure = Figure(definitions()["antimicrobials"], Span(1, 2), Part(9, 700, 9), without_list_size=("A10002",))
    assert without_lists(figure, NETWORKS) == {"U10001"}
