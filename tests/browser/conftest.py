"""A system with a synthetic network and two people who may sign in, and a browser before it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem.identity.passwords import hashed
from tandem.identity.people import PeopleRegistry, SigningIn
from tandem.synth import Summary, generate
from tandem_tests.browser import Browser, browser_programs
from tandem_tests.care_home_resources import admission, affiliated, organisation, stay
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.running import EmbeddedTandem

PASSWORD = "a horse of the synthetic kind"


@dataclass(frozen=True, slots=True)
class Place:
    """The system and its network."""

    system: EmbeddedTandem
    summary: Summary


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """All five services with a network of 120 people, where a director and a practice's nurse may sign in."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("browser"), "--clock", "2020-07-01T09:00+01:00")
    system.start()
    folder = tmp_path_factory.mktemp("network")
    summary = generate(patients=120, practices=3, seed=11, out=folder)
    command = [
        str(Path(sys.executable).with_name("tandem")), "load", str(folder), "--url", system.url, "--token",
        system.token("T0001", operator=True),
    ]  # fmt: skip
    loaded = subprocess.run(command, capture_output=True, text=True, check=False)
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    registry = PeopleRegistry(system.data)
    registry.put(
        SigningIn("director", "Nadia Rahman", hashed(PASSWORD), summary.network_code, "Practitioner/director")
    )
    practice = summary.protagonist.practice_code
    registry.put(SigningIn("nurse", "Tom Hill", hashed(PASSWORD), practice, "Practitioner/nurse"))
    yield Place(system, summary)
    system.stop()


@pytest.fixture
def browser(place: Place, pytestconfig: pytest.Config) -> Iterator[Browser]:
    """A new window."""
    programs = browser_programs()
    if programs is None:
        skip_loudly("pages in a browser", "chromium and chromedriver are not installed", service=True)
    checker = pytestconfig.rootpath / "tests" / "browser" / "axe_core" / "axe.min.js"
    started = Browser.started(programs, place.system.url, checker)
    yield started
    started.driver.quit()


@pytest.fixture(scope="session")
def home(place: Place) -> str:
    """The code of one of seven care homes of the network, in which people of a practice live; six other networks of the
    area have a home each."""
    return asyncio.run(_homes(place))


async def _homes(place: Place) -> str:
    async with httpx.AsyncClient(timeout=120) as http:
        operator = FhirClient(http, place.system.url, place.system.token("T0001", operator=True))
        code = place.summary.protagonist.practice_code
        practice = FhirClient(http, place.system.url, place.system.token(code))
        [network] = await operator.search(f"Organization?identifier={place.summary.network_code}")
        people = iter(await practice.search("Patient?_count=100"))
        for number, size in enumerate((2, 3, 4, 5, 6, 7, 8)):
            home = await operator.create(organisation(f"Home {number + 1}", "care-home", f"VHB{number}", 10 * size))
            await operator.create(affiliated(network["id"], home["id"]))
            for patient, months in zip([next(people)["id"] for _ in range(size)], cycle((1, 0, 2)), strict=False):
                await practice.create(stay(patient, home["id"]))
                for month in range(months):
                    await practice.create(admission(patient, f"2020-0{5 + month}-10"))
        await _other_networks(operator, str(network["id"]))
        await practice.caught_up()
        wanted = {"name": "cohort", "valueString": "care-home-residents"}
        await practice.call("POST", "Group/$identify", {"resourceType": "Parameters", "parameter": [wanted]})
        await practice.caught_up()
    return "VHB4"


async def _other_networks(operator: FhirClient, network: str) -> None:
    commissioner = await operator.create(organisation("The board", "commissioner", "QBR"))
    await operator.create(affiliated(commissioner["id"], network, "member"))
    for number in range(6):
        other = await operator.create(organisation(f"Network {number + 1}", "network", f"U9000{number}"))
        practice = await operator.create(organisation(f"Practice {number + 1}", "practice", f"W9000{number}"))
        home = await operator.create(organisation(f"Far home {number}", "care-home", f"VFB{number}", 50 * number + 1))
        for holder, member, role in (
            (commissioner, other, "member"), (other, practice, "member"), (other, home, "care-home-alignment"),
        ):  # fmt: skip
            await operator.create(affiliated(holder["id"], member["id"], role))
