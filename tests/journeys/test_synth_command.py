"""`tandem synth` and `tandem load`: the same network every time, and every line of it is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tandem.demo.client import FhirClient
from tandem_tests.running import EmbeddedTandem

SIZE = ("--patients", "40", "--practices", "3")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_network(
    tandem: Callable[..., Any], tmp_path: Path
) -> None:
    written = {}
    for name, seed in (("first", "77"), ("second", "77"), ("other", "78")):
        made = tandem("synth", *SIZE, "--seed", seed, "--out", tmp_path / name)
        assert made.returncode == 0, made.stderr
        written[name] = {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
    assert written["first"] == written["second"]
    assert set(written["first"]) == set(written["other"])
    assert written["first"]["Patient.ndjson"] != written["other"]["Patient.ndjson"]


async def test_it_loads_without_a_reject_and_is_there_line_by_line(
    embedded: EmbeddedTandem, tandem: Callable[..., Any], http: httpx.AsyncClient, tmp_path: Path
) -> None:
    folder, rejects = tmp_path / "network", tmp_path / "rejects.ndjson"
    made = await asyncio.to_thread(tandem, "synth", *SIZE, "--seed", "79", "--out", folder)
    operator = FhirClient(http, embedded.url, embedded.token("T0001", operator=True))
    names = [path.stem for path in folder.glob("*.ndjson")]
    before = {name: await _count(operator, name) for name in names}
    load = (
        "load", folder, "--url", embedded.url, "--token", embedded.token("T0001", operator=True), "--rejects", rejects,
    )  # fmt: skip
    loaded = await asyncio.to_thread(tandem, *load)
    assert (made.returncode, loaded.returncode) == (0, 0), loaded.stdout + loaded.stderr
    assert not rejects.exists() or not rejects.read_bytes()
    grown = {name: await _count(operator, name) - before[name] for name in names}
    assert grown == {path.stem: path.read_bytes().count(b"\n") for path in folder.glob("*.ndjson")}


async def _count(client: FhirClient, kind: str) -> int:
    return int((await client.call("GET", f"{kind}?_summary=count"))["total"])
