"""The shared-care journey: a practice, a community provider, a charity and a pharmacy around one person's plan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tandem.demo.cast import Cast, cast_of
from tandem.demo.journey import SharedCareJourney
from tandem.fhir.ownership import SERVICES
from tandem.synth import Summary
from tandem_tests.cut import Cut
from tandem_tests.running import EmbeddedTandem, ServiceTandem
from tandem_tests.server import Server
from tandem_tests.services_of_a_test import NewServices

System = EmbeddedTandem | ServiceTandem
COUNTED = ("plans-agreed", "actions-completed", "referrals-opened", "referrals-closed", "medicines-current")
OUTCOME = {
    "plan": "active", "goals": 2, "activities": 3,
    "practice": dict(zip(COUNTED, (1, 2, 1, 1, 1), strict=True)),
    "network": dict(zip(COUNTED, (1, 2, 1, 1, 1), strict=True)),
}  # fmt: skip
"""What is left at the end, whichever way it was run."""
BROKER_GONE, BROKER_BACK = 4, 5
"""The community provider's action is posted, accepted and completed while no event can leave."""


async def walk(journey: SharedCareJourney, between: Callable[[int], None] = lambda step: None) -> dict[str, object]:
    """Every step in turn, asserting what each organisation sees; `between` is called after each with its number."""
    cast = journey.cast
    why = await journey.on_the_care_home_list()
    evidence = [part for part in why["parameter"] if part["name"] == "evidence"]
    assert evidence, "the list says by which records the person is on it"
    between(1)

    plan, clocks = await journey.plan_is_opened()
    assert plan["status"] == "draft"
    assert plan["subject"]["reference"] == f"Patient/{cast.patient}"
    assert clocks["parameter"], "the seven-day clock runs"
    between(2)

    agreed = await journey.practice_contributes()
    assert agreed["status"] == "active"
    between(3)

    shared = await journey.community_contributes()
    assert len(shared["goal"]) == 2
    assert shared["activity"][0]["detail"]["description"] == "Falls prevention exercises"
    between(4)

    task = await journey.community_posts_an_action()
    assert task["for"]["identifier"]["value"] == cast.nhs_number
    found = await cast.practice.search(f"Task?patient=Patient/{cast.patient}&status=requested")
    assert task["id"] in {each["id"] for each in found}, "found by Patient/id though posted by NHS number"
    done, refusal = await journey.community_accepts_and_completes()
    assert done["status"] == "completed"
    assert refusal is not None
    assert refusal.status == 422
    assert "completed" in refusal.text
    assert "accepted" in refusal.text
    between(5)

    request, referral_task = await journey.practice_refers()
    assert referral_task["focus"]["reference"] == f"ServiceRequest/{request['id']}"
    assert referral_task["status"] == "requested"
    between(6)

    closed = await journey.voluntary_completes()
    assert closed["status"] == "completed"
    between(7)

    before, after = await journey.pharmacy_changes_medicines()
    assert "Paracetamol 500mg tablets" in after
    assert "Paracetamol 500mg tablets" not in before
    between(8)

    figures = {}
    for name, code in (("practice", cast.practice_code), ("network", cast.network_code)):
        counted = await journey.measured(code)
        figures[name] = {population: counted[population] for population in COUNTED}
    plan = await cast.practice.read(journey.plan)
    return {"plan": plan["status"], "goals": len(plan["goal"]), "activities": len(plan["activity"]), **figures}


async def test_on_one_process(network: tuple[Summary, Cast]) -> None:
    assert await walk(SharedCareJourney(network[1])) == OUTCOME


@pytest.fixture
def broker(rabbitmq_server: Server) -> Iterator[Cut]:
    """The way to RabbitMQ, which can be cut."""
    address = urlsplit(rabbitmq_server.url)
    cut = Cut(address.hostname or "127.0.0.1", address.port or 5672)
    yield cut
    cut.cut()


@pytest.fixture
def services(new_services: NewServices, broker: Cut) -> ServiceTandem:
    """Gateway and five services, which reach RabbitMQ through the cut."""

    def through(url: str) -> str:
        address = urlsplit(url)
        # The cut listens on this machine, wherever the broker is.
        return address._replace(netloc=f"{address.netloc.rpartition('@')[0]}@127.0.0.1:{broker.port}").geturl()

    return new_services(through=through)


async def test_on_six_processes_that_are_killed_in_turn(
    services: ServiceTandem, broker: Cut, http: httpx.AsyncClient, new_network: Callable[[System], Summary]
) -> None:
    """Between the steps each service is killed and started again, and for one step the broker is out of reach."""
    summary = await asyncio.to_thread(new_network, services)
    journey = SharedCareJourney(cast_of(summary, http, services.url, services.token))
    killed = dict(zip(range(1, 7), (*SERVICES, "gateway"), strict=True))

    def between(step: int) -> None:
        if step == BROKER_BACK:
            broker.mend()
        if step in killed:
            services.kill_and_restart(killed[step])
        if step == BROKER_GONE:
            broker.cut()

    assert await walk(journey, between) == OUTCOME
