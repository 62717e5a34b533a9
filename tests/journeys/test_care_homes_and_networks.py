"""A commissioner's list of care homes, and the one network that each of them is aligned to."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tandem.canonical import AFFILIATION_ROLE
from tandem.demo.client import Refused
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, part, values
from tandem_tests.running import EmbeddedTandem


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    return await new_area(http, embedded)


def homes_of(area: Area, answer: Resource) -> dict[str, list[dict]]:
    """The parts of each home by its name in the area."""
    names = {f"Organization/{identity}": name for name, identity in area.ids.items()}
    return {names[values(home, "organization")[0]["reference"]]: home for home in values(answer, "home")}


@pytest.mark.requirement("EHCH-003")
async def test_a_commissioner_posts_its_care_homes_and_reads_what_was_agreed_and_what_was_not(area: Area) -> None:
    agreed = [
        part("responsibility", valueString="Weekly home round"),
        part("responsibility", valueString="Personalised care and support plans"),
        part("agreed", valueDate="2020-06-15"),
    ]
    await area.ask(
        "commissioner", "commissioner", "care-homes",
        part("home", part("organization", valueReference=area.reference("elms")),
             part("network", valueReference=area.reference("north")), *agreed),
        part("home", part("organization", valueReference=area.reference("oaks"))),
    )  # fmt: skip
    homes = homes_of(area, await area.ask("commissioner", "commissioner", "care-homes"))
    assert set(homes) == {"elms", "oaks"}
    assert values(homes["elms"], "network") == [area.reference("north")]
    assert values(homes["elms"], "responsibility") == ["Weekly home round", "Personalised care and support plans"]
    assert "no-agreement" not in values(homes["elms"], "flag")
    assert {"no-agreement", "no-network"} <= set(values(homes["oaks"], "flag"))

    of_network = homes_of(area, await area.ask("north", "north", "care-homes"))
    assert set(of_network) == {"elms"}


@pytest.mark.requirement("EHCH-004")
async def test_a_second_network_for_a_home_is_refused_until_the_first_has_ended(area: Area) -> None:
    operator = area.client("operator")
    first = await area.align("north", "elms", period={"start": "2020-04-01"})
    with pytest.raises(Refused) as refused:
        await area.align("south", "elms", period={"start": "2020-06-01"})
    assert refused.value.status == 409

    path = f"OrganizationAffiliation/{first['id']}"
    await operator.patch(path, [{"op": "add", "path": "/period/end", "value": "2020-06-30"}])
    second = await area.align("south", "elms", period={"start": "2020-07-01"})

    [home] = values(await area.ask("south", "south", "care-homes"), "home")
    assert values(home, "network") == [area.reference("south")]
    assert values(home, "alignment") == [{"reference": f"OrganizationAffiliation/{second['id']}"}]
    [history] = values(home, "history")
    assert values(history, "network") == [area.reference("north")]
    assert values(history, "period") == [{"start": "2020-04-01", "end": "2020-06-30"}]
    earlier = await area.client("north").call("GET", f"Organization/{area.ids['north']}/$care-homes?date=2020-06-01")
    assert len(values(earlier, "home")) == 1


@pytest.mark.on_six_processes
@pytest.mark.requirement("EHCH-004")
async def test_of_two_alignments_made_at_once_exactly_one_wins(area: Area) -> None:
    made = await asyncio.gather(
        *(area.align(network, "elms", period={"start": "2020-07-01"}) for network in ("north", "south") * 4),
        return_exceptions=True,
    )
    won = [each for each in made if isinstance(each, dict)]
    assert len(won) == 1
    assert {each.status for each in made if isinstance(each, Refused)} == {409}


@pytest.mark.requirement("EHCH-018")
async def test_after_june_2020_what_is_missing_is_a_gap_and_residents_have_their_networks_team(area: Area) -> None:
    team = await area.team("north")
    await area.align("north", "elms", period={"start": "2020-06-01"}, healthcareService=[{"reference": team}])
    await area.align("north", "oaks", period={"start": "2020-06-01"})
    await area.enter("pines", "care-home", f"VP{area.number:03}")
    named = [part("organization", valueReference=area.reference(name)) for name in ("elms", "oaks", "pines")]
    rows = [part("home", each) for each in named]
    await area.ask("commissioner", "commissioner", "care-homes", *rows)

    homes = homes_of(area, await area.ask("commissioner", "commissioner", "care-homes"))
    assert {name: values(home, "status") for name, home in homes.items()} == {
        "elms": ["aligned"], "oaks": ["gap"], "pines": ["gap"],
    }  # fmt: skip
    assert "no-team" in values(homes["oaks"], "flag")
    path = f"Organization/{area.ids['north']}/$care-homes?date=2020-06-30"
    on_the_day = homes_of(area, await area.client("north").call("GET", path))
    assert values(on_the_day["oaks"], "status") == ["due"], "no gap before the deadline is past"

    person = await area.register("northern")
    await area.move_in("northern", person, "elms", "2020-06-20")
    answer = await area.client("northern").call("GET", f"Patient/{person}/$responsible")
    assert values(answer, "team") == [{"reference": team}]
    assert values(answer, "aligned-network") == [area.reference("north")]


async def test_a_faulty_list_is_refused_whole_with_all_its_faults(area: Area) -> None:
    await area.enter("far", "network", f"U{30_000 + area.number}")
    with pytest.raises(Refused) as refused:
        await area.ask(
            "commissioner", "commissioner", "care-homes",
            part("home", part("organization", valueReference=area.reference("elms"))),
            part("home", part("organization", valueReference=area.reference("northern"))),
            part("home", part("organization", valueReference=area.reference("oaks")),
                 part("network", valueReference=area.reference("far")), part("agreed", valueDate="2020-02-31")),
        )  # fmt: skip
    assert refused.value.status == 422
    texts = " ".join(issue["details"]["text"] for issue in refused.value.outcome["issue"])
    assert "of the type care-home" in texts
    assert "of the commissioner's area" in texts
    assert "agreed is a day" in texts
    assert values(await area.ask("commissioner", "commissioner", "care-homes"), "home") == []


async def test_who_may_write_the_list_and_that_everyone_reads_it(area: Area) -> None:
    row = part("home", part("organization", valueReference=area.reference("elms")))
    for stranger in ("north", "northern"):
        with pytest.raises(Refused) as refused:
            await area.ask(stranger, "commissioner", "care-homes", row)
        assert refused.value.status == 403, stranger
    with pytest.raises(Refused) as no_list:
        await area.ask("operator", "northern", "care-homes", row)
    assert no_list.value.status == 422
    await area.ask("operator", "commissioner", "care-homes", row)
    for reader in ("northern", "elms"):
        assert len(values(await area.ask(reader, "commissioner", "care-homes"), "home")) == 1


@pytest.mark.parametrize(("holder", "member"), [("northern", "elms"), ("north", "southern")])
async def test_only_a_care_home_is_aligned_and_only_to_a_network(area: Area, holder: str, member: str) -> None:
    with pytest.raises(Refused) as refused:
        await area.align(holder, member)
    assert refused.value.status == 422
    query = f"OrganizationAffiliation?primary-organization=Organization/{area.ids[holder]}"
    held = await area.client("operator").search(f"{query}&role={AFFILIATION_ROLE}|care-home-alignment")
    assert held == []
