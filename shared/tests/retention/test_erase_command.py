"""What `tandem erase --list` says of orders: all of them, and who has not carried one out yet."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from tandem.cli import erase
from tandem.fhir.ownership import SERVICES


def order(number: int, answered: list[str]) -> dict[str, Any]:
    said = [
        {"name": "answered", "part": [{"name": "service", "valueCode": each}, {"name": "rows", "valueInteger": 3}]}
        for each in answered
    ]
    return {"name": "erasure", "part": [
        {"name": "order", "valueId": f"o{number}"}, {"name": "digest", "valueString": "d"},
        {"name": "grounds", "valueCode": "order"}, {"name": "at", "valueInstant": "2020-07-01T09:00:00+01:00"},
        {"name": "complete", "valueBoolean": len(answered) == len(SERVICES)}, *said,
    ]}  # fmt: skip


def test_all_orders_are_listed_with_whom_they_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [order(1, list(SERVICES)), order(2, ["cohort-service", "mdt-service"]), order(3, [])]

    def answer(method: str, url: str, *, params: dict[str, str], **rest: Any) -> httpx.Response:
        start = int(params["_offset"])
        page = given[start : start + int(params["_count"])]
        return httpx.Response(200, content=json.dumps({"resourceType": "Parameters", "parameter": page}))

    monkeypatch.setattr(httpx, "request", answer)
    monkeypatch.setattr(erase, "_PAGE", 2)
    asked = CliRunner().invoke(erase.erase, ["--url", "http://tandem.test", "--token", "t", "--list"])
    assert asked.exit_code == 0, asked.output
    states = [line.split("\t")[3] for line in asked.output.splitlines()]
    assert states == [
        "complete", "waits for careplan-service, metrics-service, referral-service",
        "waits for careplan-service, cohort-service, mdt-service, metrics-service, referral-service",
    ]  # fmt: skip
