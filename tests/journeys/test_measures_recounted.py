"""Figures of a synthetic network counted again from the files that were loaded, without any code of the services."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem.synth import generate
from tandem_tests.measure_figures import measured
from tandem_tests.network_area import parameters, part
from tandem_tests.running import EmbeddedTandem

FIRST, LAST = "2019-07-01", "2020-06-30"
Record = dict[str, Any]


class Files:
    """The records of a network as they were written, by type."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, kind: str) -> list[Record]:
        return [json.loads(line) for line in (self._folder / f"{kind}.ndjson").read_text().splitlines()]

    @property
    def ndjson(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self._folder.glob("*.ndjson")))

    @property
    def network(self) -> str:
        codes = (each["identifier"][0]["value"] for each in self.of("Organization"))
        return next(code for code in codes if code[0] == "U" and code[1:].isdigit())

    def list_sizes(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for each in self.of("Patient"):
            practice = each["generalPractitioner"][0]["reference"]
            found[practice] = found.get(practice, 0) + 1
        return found

    def issued(self, *names: str) -> list[Record]:
        """Orders of the period whose product is called so."""
        return [
            each for each in self.of("MedicationRequest")
            if each["intent"] == "order" and FIRST <= each["authoredOn"][:10] <= LAST
            and any(name in each["medicationCodeableConcept"]["coding"][0]["display"] for name in names)
        ]  # fmt: skip

    def contacts(self, code: str) -> list[Record]:
        """Encounters of the period of this class."""
        return [
            each for each in self.of("Encounter")
            if each["class"]["code"] == code and FIRST <= each["period"]["start"][:10] <= LAST
        ]  # fmt: skip


def doses(orders: Iterable[Record]) -> float:
    return float(sum(each["dispenseRequest"]["quantity"]["value"] for each in orders))


RECOUNTS: dict[str, Callable[[Files], float]] = {
    "antimicrobials": lambda files: len(files.issued("Amoxicillin", "Nitrofurantoin", "Trimethoprim", "Doxycycline")),
    "short-acting-beta-agonists": lambda files: doses(files.issued("Salbutamol", "Terbutaline")),
    "dependency-forming-medicines": lambda files: len(
        files.issued("Gabapentin", "Pregabalin", "Zopiclone", "Temazepam", "Diazepam", "Codeine")
    ),
    "shared-savings-admissions": lambda files: len(files.contacts("IMP")),
    "shared-savings-attendances": lambda files: len(files.contacts("EMER")),
    "people-aged-75-and-over": lambda files: sum(
        each["birthDate"] <= "1945-06-30" and "deceasedDateTime" not in each and each.get("active") is not False
        for each in files.of("Patient")
    ),
}  # fmt: skip


@pytest.mark.parametrize("seed", [5, 23])
async def test_figures_are_what_the_files_say(
    new_system: Callable[..., EmbeddedTandem], http: httpx.AsyncClient, tmp_path: Path, seed: int
) -> None:
    generate(200, 2, seed, tmp_path / "network")
    files = Files(tmp_path / "network")
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    client = FhirClient(http, system.url, system.token("T0001", operator=True))
    await client.ingest(files.ndjson)
    for practice, registered in files.list_sizes().items():
        size = part("list-size", part("date", valueDate="2019-04-01"), part("registered", valueInteger=registered))
        await client.call("POST", f"{practice}/$list-size", parameters(size))
    for name, recount in RECOUNTS.items():
        figure = await measured(client, name, (FIRST, LAST), organisation=files.network)
        excluded = figure.populations.get("denominator-exclusion", 0)
        assert not excluded, "nobody here is known to be in their last year of life"
        assert figure.numerator == recount(files), name
