"""A system with a synthetic network and two people who may sign in, and a browser before it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tandem.identity.passwords import hashed
from tandem.identity.people import PeopleRegistry, SigningIn
from tandem.synth import Summary, generate
from tandem_tests.browser import Browser, browser_programs
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
