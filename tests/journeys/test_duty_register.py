"""The duty register: each duty given to whom it is for, dated, in its words; due, overdue, and met by evidence."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tandem.canonical import BASE
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.loopback import http_client
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

YEARS = ("2016/17", "2017/18", "2019/20", "2020/21", "2021/22", "2022/23")
ROWS: dict[str, dict[str, Any]] = {
    row["id"]: row
    for row in yaml.safe_load((Path(__file__).parents[2] / "docs" / "requirements.yaml").read_text(encoding="utf-8"))
    if row["owner"] == "mdt" and row["proof"] == "register"
}
OWNER = {
    "PCN": "north", "CCG": "commissioner", "ICS": "commissioner", "community_provider": "provider",
    "practice": "northern", "NHSE": "nhse",
}  # fmt: skip
KIND = {
    "north": "network", "commissioner": "commissioner", "provider": "community-provider", "northern": "practice",
    "nhse": "national-body",
}  # fmt: skip
KINDS_OF_EVIDENCE = ("lead", "document", "meeting", "training", "figures", "activity", "decision", "statement")
# First and last day, written out by hand from the documents; several where the duty returns every year.
DAYS = {
    ("2020-04-01", "2021-03-31"): """
        PCN-020 PCN-029 PCN-035 PCN-036 PCN-037 PCN-038 PCN-039 PCN-040 PCN-041 PCN-043 PCN-044 EHCH-002 EHCH-017
        EHCH-068 EHCH-069 EHCH-071 AC-012 AC-013 PC-003 PC-012 PC-013 PC-014 PC-015 ECD-004 ECD-005 ECD-012 ECD-013
        ECD-014 ECD-019 ECD-020 ECD-024 ECD-025 ECD-026 ECD-053 ECD-055 PCN-109 EHCH-070 PCN-042 ECD-016""",
    ("2021-04-01", "2022-03-31"): "EHCH-070 PCN-042 ECD-016 PC-020 ECD-028 ECD-032 ECD-033",
    ("2022-04-01", "2023-03-31"): "EHCH-070 PCN-042 ECD-016 ECD-035 ECD-036",
    ("2020-04-01", "2020-04-30"): """
        SMR-029 SMR-040 SMR-041 SMR-042 SMR-043 SMR-046 PC-037 PC-044 ECD-045 ECD-052 ECD-056 ECD-060""",
    ("2020-04-01", "2020-06-30"): """
        EHCH-015 EHCH-019 EHCH-023 EHCH-025 EHCH-026 AC-023 AC-024 AC-025 AC-027 AC-029 AC-030 AC-041""",
    ("2020-04-01", "2020-09-30"): "EHCH-072 EHCH-073 EHCH-074 EHCH-077",
    ("2020-01-01", "2020-12-31"): "PCN-046 PCN-047 PCN-049 PCN-060 PCN-067 EHCH-092 EHCH-094 PC-056 ECD-074",
    ("2017-10-01", "2017-10-31"): "PCPC-002",
    ("2016-09-01", "2016-09-30"): "PCPC-119",
    ("2016-04-01", "2018-03-31"): "PCPC-026 PCPC-029 PCPC-030 PCPC-040 PCPC-042 PCPC-073",
    ("2016-04-01", "2017-03-31"): "PCPC-122",
    ("2017-04-01", "2018-03-31"): "PCPC-122",
    ("2019-04-01", "2020-03-31"): "PCN-075 PCN-089 PCN-090 PCN-091 PCN-095",
    ("2019-04-01", "2019-07-01"): "PCN-088",
    ("2019-04-01", "2019-05-15"): "PCN-093",
    ("2019-04-01", "2019-06-30"): "PCN-094",
}  # fmt: skip


@dataclass(slots=True)
class Register:
    """A network with its register, and a client of each organisation."""

    area: Area
    given: dict[str, Resource] = field(default_factory=dict)

    async def duties(self, name: str, **asked: str) -> list[list[dict[str, Any]]]:
        query = "&".join(f"{key}={value}" for key, value in asked.items())
        answer = await self.area.client(name).read(f"Task/$duties?_count=1000&{query}")
        # A national body of another test owes its duties to every network.
        codes = self.area.codes.values()
        return [row for row in values(answer, "duty") if value(row, "owner") in codes]

    async def state(self, requirement: str, task: str, day: date) -> str:
        rows = await self.duties("north", requirement=requirement, date=day.isoformat())
        [row] = [row for row in rows if value(row, "task")["reference"] == f"Task/{task}"]
        return str(value(row, "state"))


def value(row: list[dict[str, Any]], name: str) -> Any:
    [found] = values(row, name)
    return found


async def enter_partners(area: Area) -> None:
    """A community provider that works with the network `north`, and a national body."""
    await area.enter("provider", "community-provider", f"RD{area.number:03}")
    await area.enter("nhse", "national-body", f"XE{area.number:03}")
    await area.affiliate("north", "provider", period={"start": "2019-07-01"})
    await area.client("operator").caught_up()


async def give(client: FhirClient, **asked: str) -> Resource:
    return await client.call(
        "POST", "Task/$give-duties", parameters(*(part(name, valueString=text) for name, text in asked.items()))
    )


async def show(client: FhirClient, task: str, **asked: str) -> Resource:
    sent = [part(name, valueString=text) for name, text in asked.items()]
    return await client.call("POST", f"Task/{task}/$evidence", parameters(*sent))


async def begun(system: EmbeddedTandem) -> Register:
    async with http_client() as http:
        register = Register(await new_area(http, system))
        await enter_partners(register.area)
        for year in YEARS:
            register.given[year] = await give(register.area.client("north"), year=year)
        return register


@pytest.fixture(scope="module")
def kept(embedded: EmbeddedTandem) -> Register:
    """One network with the duties of every year in which the documents lay some down."""
    return asyncio.run(begun(embedded))


@pytest.fixture
def register(kept: Register, http: httpx.AsyncClient) -> Register:
    kept.area.http = http
    return kept


def days_of(requirement: str) -> list[tuple[str, str]]:
    return sorted(days for days, ids in DAYS.items() if requirement in ids.split())


@pytest.mark.requirement
@pytest.mark.parametrize("requirement", sorted(ROWS))
async def test_a_duty_is_given_dated_and_met_by_evidence_alone(register: Register, requirement: str) -> None:
    row, area = ROWS[requirement], register.area
    name = OWNER[row["actor"]]
    listed = await register.duties("north", requirement=requirement)
    assert [(value(each, "first-day"), value(each, "due")) for each in listed] == days_of(requirement)
    duty = listed[0]
    assert (value(duty, "owner"), value(duty, "owner-kind")) == (area.codes[name], KIND[name])
    assert (value(duty, "text"), value(duty, "source")) == (row["text"], row["source"])
    assert (value(duty, "service"), value(duty, "requirement")) == (row["service"], requirement)

    owner, identity = area.client(name), value(duty, "task")["reference"].removeprefix("Task/")
    task = await owner.read(f"Task/{identity}")
    assert task["instantiatesCanonical"] == value(duty, "canonical") == f"{BASE}/PlanDefinition/{requirement}|1"
    assert task["description"] == row["text"]
    assert task["restriction"]["period"] == {"start": value(duty, "first-day"), "end": value(duty, "due")}
    assert "for" not in task

    first, due = date.fromisoformat(value(duty, "first-day")), date.fromisoformat(value(duty, "due"))
    day = timedelta(days=1)
    assert await register.state(requirement, identity, first - day) == "not-yet"
    assert await register.state(requirement, identity, first) == "due"
    assert await register.state(requirement, identity, due) == "due"
    assert await register.state(requirement, identity, due + day) == "overdue"

    started = await owner.patch(f"Task/{identity}", [{"op": "replace", "path": "/status", "value": "in-progress"}])
    with pytest.raises(Refused, match="completed by evidence") as refused:
        await owner.patch(f"Task/{identity}", [{"op": "replace", "path": "/status", "value": "completed"}])
    assert refused.value.status == 422
    assert await owner.read(f"Task/{identity}") == started
    with pytest.raises(Refused) as stranger:
        await show(area.client("southern"), identity, kind="document", what="Not ours")
    assert stranger.value.status == 404
    with pytest.raises(Refused) as wrong:
        await show(owner, identity, kind="gossip", what="Somebody said so")
    assert (wrong.value.status, requirement in wrong.value.text, row["source"] in wrong.value.text) == (422, True, True)

    counts = next(kind for kind in KINDS_OF_EVIDENCE if f"{kind} (" in wrong.value.text)
    done = await show(owner, identity, kind=counts, what="As agreed", date="2020-06-20")
    assert (done["status"], done["output"][-1]["valueString"]) == ("completed", "As agreed")
    assert await register.state(requirement, identity, date(2020, 6, 20)) == "met"
    assert await register.state(requirement, identity, date(2020, 6, 19)) == stood(first, due, date(2020, 6, 19))


def stood(first: date, due: date, day: date) -> str:
    return "not-yet" if day < first else "due" if day <= due else "overdue"
