"""`tandem clock set`: forward only, and only where a settable clock was asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tandem_tests.free_ports import free_port
from tandem_tests.running import EmbeddedTandem


def test_it_moves_forward_and_never_back(new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any]) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    moved = tandem("clock", "set", "2020-07-02T09:00", "--data", system.data)
    assert (moved.returncode, moved.stderr) == (0, "")
    assert "2020-07-02T08:00:00+00:00" in moved.stdout, "without an offset it is London time"
    for earlier in ("2020-07-02T08:59:59+01:00", "2020-07-01", "1999-12-31T00:00Z"):
        refused = tandem("clock", "set", earlier, "--data", system.data)
        assert refused.returncode == 1
        assert "forward only" in refused.stderr
        assert "Traceback" not in refused.stderr
    again = tandem("clock", "set", "2020-07-02T09:00:01+01:00", "--data", system.data)
    assert again.returncode == 0, "a refusal leaves the clock where it was"


def test_it_is_for_operators_alone(new_system: Callable[..., EmbeddedTandem]) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    later = {"now": "2020-07-02T09:00:00+01:00"}
    practice = {"Authorization": f"Bearer {system.token('A81001')}"}
    assert httpx.post(f"{system.url}/clock", json=later, headers=practice).status_code == 403
    assert httpx.post(f"{system.url}/clock", json=later).status_code == 401


def test_it_is_refused_where_the_clock_is_the_machines(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], tmp_path: Path
) -> None:
    system = new_system()
    refused = tandem("clock", "set", "2099-01-01", "--data", system.data)
    assert refused.returncode == 1
    assert "--clock" in refused.stderr
    operator = {"Authorization": f"Bearer {system.token('T0001', operator=True)}"}
    now = {"now": "2099-01-01T00:00:00Z"}
    assert httpx.post(f"{system.url}/clock", json=now, headers=operator).status_code == 404
    (tmp_path / "empty").mkdir()
    nowhere = tandem("clock", "set", "2099-01-01", "--data", tmp_path / "empty")
    assert nowhere.returncode == 1
    assert "Traceback" not in nowhere.stderr


def test_of_several_processes_one_that_cannot_be_reached_is_said(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any]
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    nobody = f"http://127.0.0.1:{free_port()}"
    refused = tandem("clock", "set", "2020-07-02", "--data", system.data, "--url", system.url, "--url", nobody)
    assert refused.returncode == 1
    assert nobody in refused.stderr


def test_what_is_no_time_is_refused(tandem: Callable[..., Any], tmp_path: Path) -> None:
    refused = tandem("clock", "set", "tomorrow", "--data", tmp_path)
    assert refused.returncode == 2
    assert "ISO 8601" in refused.stderr
