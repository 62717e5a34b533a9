"""How long a process takes until it is ready, and the memory it then holds, beside uvicorn with nothing in it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from places import Place, until_answering

from tandem.fhir.ownership import SERVICES
from tandem_tests.free_ports import free_port
from tandem_tests.running import EmbeddedTandem, TandemProcess

_MIB = 1024 * 1024
_BARE = Path(__file__).with_name("floors") / "bare.py"


async def footprint(place: Place, *, rounds: int) -> dict[str, Any]:
    """Seconds until ready and MiB of resident memory (RSS), medians over the rounds."""
    databases = {name: place.database(name) for name in SERVICES}
    found: dict[str, list[tuple[float, float]]] = {}
    for number in range(rounds):
        found.setdefault("floor: bare uvicorn", []).append(_bare())
        for name, url in databases.items():
            found.setdefault(name, []).append(_service(place, name, url))
        found.setdefault("embedded", []).append(_embedded(place.folder / f"embedded-{number}"))
    return {
        name: {"ready_s": round(median(one[0] for one in each), 2), "rss_mib": round(median(one[1] for one in each), 1)}
        for name, each in found.items()
    }


def _rss(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / _MIB


def _bare() -> tuple[float, float]:
    port = free_port()
    process = subprocess.Popen([sys.executable, str(_BARE), "--port", str(port)])
    try:
        return until_answering(f"http://127.0.0.1:{port}", process), _rss(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _service(place: Place, name: str, url: str) -> tuple[float, float]:
    process = TandemProcess([name], place.environment(url), place.folder / f"{name}-footprint.log")
    try:
        return _timed(process), _rss(process.pid)
    finally:
        process.stop()


def _embedded(data: Path) -> tuple[float, float]:
    system = EmbeddedTandem(data)
    try:
        return _timed(system.process), _rss(system.process.pid)
    finally:
        system.stop()


def _timed(process: TandemProcess) -> float:
    started = time.perf_counter()
    process.start()
    process.wait_ready()
    return time.perf_counter() - started
