"""The demonstration itself: start, load, walk the journey, tell it, keep serving."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from pathlib import Path

import click
import httpx
import uvicorn

from tandem.clock import SettableClock, from_micros
from tandem.demo.cast import cast_of
from tandem.demo.client import FhirClient
from tandem.demo.journey import SharedCareJourney
from tandem.demo.story import tell
from tandem.identity.passwords import generated, hashed
from tandem.identity.people import PeopleRegistry, SigningIn
from tandem.runtime.embedded import EmbeddedSystem, embedded_settings
from tandem.settings import settings_from
from tandem.synth import Summary, generate

_MORNING = from_micros(1_593_590_400_000_000)
"""1 July 2020, 09:00 in London: the day the synthetic network is as of."""


async def perform(port: int, data: Path, patients: int, practices: int, seed: int, leave: bool) -> None:
    """Run the demonstration; returns when the server is stopped, or after the story with `leave`."""
    await asyncio.to_thread(shutil.rmtree, data, ignore_errors=True)
    url = f"http://127.0.0.1:{port}"
    system = EmbeddedSystem(data, embedded_settings(settings_from(), "127.0.0.1", port), clock=SettableClock(_MORNING))
    (data / "serve.json").write_text(json.dumps({"url": url}))
    server = uvicorn.Server(
        uvicorn.Config(system.app(), host="127.0.0.1", port=port, log_level="warning", access_log=False)
    )
    click.echo("Starting cohort, careplan, mdt, referral and metrics services ...")
    started = time.perf_counter()
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            await serving
            raise click.ClickException(f"the server could not start; is port {port} taken?")
        await asyncio.sleep(0.05)
    click.echo(f"Ready on {url} after {time.perf_counter() - started:.1f} s.\n")
    await _play(system, url, data, patients, practices, seed)
    if leave:
        server.should_exit = True
    await serving


async def _play(system: EmbeddedSystem, url: str, data: Path, patients: int, practices: int, seed: int) -> None:
    summary = await asyncio.to_thread(generate, patients, practices, seed, data / "network")
    async with httpx.AsyncClient(timeout=600) as http:
        operator = FhirClient(http, url, system.issuer.mint(summary.network_code, operator=True))
        await _load(operator, summary, data / "network")
        journey = SharedCareJourney(cast_of(summary, http, url, system.issuer.mint))
        await tell(journey, url, data)
        _sign_in(data, summary.network_code, url)


def _sign_in(data: Path, network: str, url: str) -> None:
    """Somebody of the network who may sign in to the dashboard."""
    password = generated()
    director = SigningIn("director", "The clinical director", hashed(password), network, "Practitioner/director")
    PeopleRegistry(data).put(director)
    click.echo(f"\nThe dashboard: {url}/dashboard; sign in as {director.display}, password {password}")


async def _load(operator: FhirClient, summary: Summary, folder: Path) -> None:
    click.echo(
        f"A synthetic network, {summary.network_code}: {summary.resources:,} resources"
        f" about {summary.patients:,} people."
    )
    started = time.perf_counter()
    lines = await asyncio.to_thread(_records, folder)
    answer = await operator.ingest(lines)
    refused = len(answer.get("rejects", []))
    seconds = time.perf_counter() - started
    click.echo(
        f"Loaded through $ingest in {seconds:.1f} s ({summary.resources / seconds:,.0f} resources/s),"
        f" {refused} rejected."
    )
    await operator.caught_up()
    click.echo("Every service has taken every event.\n")


def _records(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.ndjson")))
