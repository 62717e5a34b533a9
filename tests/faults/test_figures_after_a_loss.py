"""metrics-service loses its database: built again from the logs of the others, every figure is what it was."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tandem.demo.client import FhirClient
from tandem.synth import generate
from tandem_tests.loopback import http_client
from tandem_tests.running import EmbeddedTandem

PATIENTS = 120
PRACTICES = 2
_THEN = ("date", "extension")
"""Of a report: when it was made, and the positions that it rests on."""


async def every_figure(client: FhirClient, network: str, year: int) -> dict[str, Any]:
    """The report of each measure for a year."""
    measures = [each["resource"]["id"] for each in (await client.call("GET", "Measure?_count=500"))["entry"]]
    asked = urlencode({"periodStart": f"{year}-01-01", "periodEnd": f"{year}-12-31", "organisation": network})
    found = {}
    for name in sorted(measures):
        report = await client.call("GET", f"Measure/{name}/$evaluate-measure?{asked}")
        kept = [each for each in report["extension"] if not re.search("data-cut-off$", each["url"])]
        found[name] = {key: value for key, value in report.items() if key not in _THEN} | {"extension": kept}
    return found


async def test_built_again_from_nothing(tmp_path: Path) -> None:
    network = tmp_path / "network"
    generate(PATIENTS, PRACTICES, 5, network)
    ndjson = b"".join(path.read_bytes() for path in sorted(network.glob("*.ndjson")))
    code = re.search(rb'"value":\s*"(U\d+)"', ndjson)
    assert code is not None
    system = EmbeddedTandem(tmp_path / "data")
    system.start()
    try:
        async with http_client() as http:
            client = FhirClient(http, system.url, system.token("T0001", operator=True))
            await client.ingest(ndjson)
            await client.caught_up()
            before = {year: await every_figure(client, code[1].decode(), year) for year in (2019, 2020)}
        counted = [
            population["count"] for reports in before.values() for report in reports.values()
            for population in report["group"][0]["population"] if population.get("count")
        ]  # fmt: skip
        assert len(counted) > 10, "there has to be something to lose"
        await asyncio.to_thread(system.stop)
        lost = list((tmp_path / "data").glob("metrics-service.sqlite*"))
        assert lost
        for path in lost:
            path.unlink()
        system.start()
        async with http_client() as http:
            client = FhirClient(http, system.url, system.token("T0001", operator=True))
            await client.caught_up()
            after = {year: await every_figure(client, code[1].decode(), year) for year in (2019, 2020)}
        assert after == before
    finally:
        system.stop()
