"""`tandem value-set`, `tandem product-map` and `tandem cohort`: what an operator loads, and what is refused."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from itertools import count
from pathlib import Path

import httpx
import pytest

from tandem.canonical import SNOMED_CT
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem

Command = Callable[..., "asyncio.Future[subprocess.CompletedProcess[str]]"]
_NUMBERS = count(1)


@pytest.fixture
def identity() -> str:
    """An id that no other test uses."""
    return f"loaded-{next(_NUMBERS)}"


@pytest.fixture
def operator(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> FhirClient:
    """A client of an operator."""
    return FhirClient(http, embedded.url, embedded.token("T0001", operator=True))


@pytest.fixture
def command(embedded: EmbeddedTandem, tandem: Callable[..., subprocess.CompletedProcess[str]]) -> Command:
    """A command with the address of the server and the token of an operator."""
    rest = ("--url", embedded.url, "--token", embedded.token("T0001", operator=True))

    async def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(tandem, *arguments, *rest)

    return run


def code_list(folder: Path, text: str) -> Path:
    """A file of codes."""
    file = folder / "codes.csv"
    file.write_text(text)
    return file


async def held(operator: FhirClient, identity: str) -> list[Resource]:
    """All versions of a value set."""
    answer = await operator.call("GET", "Group/$value-sets")
    return [each for each in values(answer, "valueSet") if values(each, "id") == [identity]]


async def test_a_code_list_is_loaded_with_its_inactive_codes_and_a_later_one_supersedes_it(
    command: Command, operator: FhirClient, tmp_path: Path, identity: str
) -> None:
    file = code_list(tmp_path, "code,display,active\n73211009,Diabetes,1\n719329004,Review,0\n")
    load = ("value-set", "load", file, "--id", identity, "--source", "A release")
    loaded = await command(*load, "--version", "1")
    assert loaded.stdout == f"{identity}@1 installed: 1 active, 1 inactive\n", loaded.stderr
    assert (await command(*load, "--version", "1")).stdout.startswith(f"{identity}@1 held already")

    file.write_text("code,display,active\n719329004,Review,1\n")
    changed = await command(*load, "--version", "1")
    assert changed.returncode == 1
    assert "held with other content" in changed.stderr
    assert (await command(*load, "--version", "2")).returncode == 0
    listed = await command("value-set", "list", "--id", identity)
    assert [line.split("\t")[:2] for line in listed.stdout.splitlines()] == [
        [f"{identity}@1", "superseded"], [f"{identity}@2", "in force"],
    ]  # fmt: skip
    [first] = values(await operator.call("GET", f"Group/$value-sets?id={identity}&version=1"), "valueSet")
    members = [(values(each, "coding")[0]["code"], values(each, "active")[0]) for each in values(first, "member")]
    assert sorted(members) == [("719329004", False), ("73211009", True)]
    assert (await command(*load, "--version", "0.9")).returncode == 1


async def test_a_bad_line_refuses_the_whole_file_and_lenient_takes_the_rest(
    command: Command, operator: FhirClient, tmp_path: Path, identity: str
) -> None:
    file = code_list(
        tmp_path, "code,display\n73211009,Diabetes\n73211008,Wrong digit\n250560019,A description\n73211009,Twice\n"
    )
    load = ("value-set", "load", file, "--id", identity, "--source", "A release", "--version", "1")
    refused = await command(*load)
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "Error: line 3: 73211008: the check digit is wrong",
        "line 4: 250560019: it is a description id, not a concept id",
        "line 5: 73211009: it stands in line 2 already",
    ]
    assert await held(operator, identity) == []

    lenient = await command(*load, "--lenient")
    assert lenient.stdout == f"{identity}@1 installed: 1 active, 0 inactive\n"
    assert len(lenient.stderr.splitlines()) == 3
    assert len(await held(operator, identity)) == 1


async def test_one_file_of_deficits_becomes_a_group_of_value_sets(
    command: Command, operator: FhirClient, tmp_path: Path, identity: str
) -> None:
    file = code_list(tmp_path, "deficit\tcode\tterm\nfalls\t161898004\tFalls\nfoot-problems\t73211009\tFoot\n")
    loaded = await command("value-set", "load", file, "--id", identity, "--version", "1", "--source", "A paper")
    assert loaded.returncode == 0, loaded.stderr
    for name in ("falls", "foot-problems"):
        [shown] = await held(operator, f"{identity}-{name}")
        assert values(shown, "group") == [identity]


async def test_only_an_operator_loads(
    embedded: EmbeddedTandem, tandem: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, identity: str
) -> None:
    file = code_list(tmp_path, "code\n73211009\n")
    where = ("--url", embedded.url, "--token", embedded.token("A81001"))
    refused = await asyncio.to_thread(
        tandem, "value-set", "load", file, "--id", identity, "--version", "1", "--source", "x", *where
    )
    assert refused.returncode == 1
    assert "Only an operator loads value sets" in refused.stderr
    refused = await asyncio.to_thread(tandem, "product-map", "load", file, *where)
    assert "Only an operator loads the map of products" in refused.stderr


async def test_the_map_of_products_is_checked_whole_before_any_of_it_is_taken(command: Command, tmp_path: Path) -> None:
    header = "VMP / VMPP/ AMP / AMPP,BNF Code,BNF Name,SNOMED Code\n"
    good = "VMP,0408010G0AAAAAA,Gabapentin 600mg tablets,323021008\n"
    bad = "VMP,0408010G0AAAAAA,Gabapentin,323021009\n"
    refused = await command("product-map", "load", code_list(tmp_path, header + good + bad))
    assert (refused.returncode, refused.stderr) == (1, "Error: line 3: 323021009: the check digit is wrong\n")
    loaded = await command("product-map", "load", code_list(tmp_path, header + good))
    assert (loaded.returncode, loaded.stdout) == (0, "1 products\n"), loaded.stderr


async def test_a_definition_is_checked_installed_and_listed(command: Command, tmp_path: Path, identity: str) -> None:
    file = tmp_path / f"{identity}.yaml"
    text = (
        f'id: {identity}\nversion: "1"\ntitle: People of a test\ndescription: People.\nservice: AC\nstatus: optional\n'
        "source: A paragraph\nmembers:\n  age: {from: 65}\n"
    )
    file.write_text(text.replace("from: 65", "form: 65"))
    faulty = await command("cohort", "check", file)
    assert faulty.returncode == 1
    assert faulty.stderr.startswith(f"Error: {identity}.yaml:9: ")

    file.write_text(text)
    assert (await command("cohort", "check", file)).stdout.startswith(f"{identity}@1 has no fault")
    assert (await command("cohort", "list", "--id", identity)).returncode == 1, "a check installs nothing"
    assert (await command("cohort", "define", file)).stdout.startswith(f"{identity}@1 is in force")
    assert (await command("cohort", "define", file)).stdout == f"{identity}@1 was in force already\n"
    listed = await command("cohort", "list", "--id", identity)
    assert listed.stdout == f"{identity}@1\tAC\toptional\tin force\tPeople of a test\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"id: x", "cannot be reached"), (b"\xff\xfe\x00", "x.yaml is not UTF-8"),
        (b" \n", "x.yaml:1: the file is empty"),
    ],
)
async def test_a_server_or_a_file_that_cannot_be_read_is_said_plainly(
    tandem: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(content)
    answer = await asyncio.to_thread(
        tandem, "cohort", "check", file, "--url", "http://127.0.0.1:9", "--token", "none"
    )
    assert answer.returncode == 1
    assert told in answer.stderr


@pytest.mark.parametrize(
    ("given", "status", "expected"),
    [
        ({}, 400, "Give the parameter id"),
        ({"id": "a", "version": "1", "title": "t", "source": "s"}, 400, "Give either file"),
        ({"id": "a", "version": "1", "title": "t\x00", "source": "s", "file": "code\n"}, 400, "null character"),
        ({"id": "a", "version": "1", "title": "t", "source": "s", "file": "code\n"}, 422, "holds no code"),
        ({"id": "a", "version": "1", "title": "t", "source": "s", "file": "words\nx\n"}, 422, "no column of codes"),
        ({"id": "A b", "version": "1", "title": "t", "source": "s", "file": "code\n73211009\n"}, 422, "lower-case"),
    ],
)  # fmt: skip
async def test_what_is_missing_or_no_value_set_is_refused(
    operator: FhirClient, given: dict[str, str], status: int, expected: str
) -> None:
    body = parameters(*(part(name, valueString=value) for name, value in given.items()))
    answer = await operator.request("POST", "Group/$load-value-set", body)
    assert answer.status_code == status
    assert expected in answer.text
    assert await held(operator, "a") == []


async def test_members_are_taken_as_codings_too(operator: FhirClient, identity: str) -> None:
    heading = [part(name, valueString=value) for name, value in
               (("id", identity), ("version", "1"), ("title", "t"), ("source", "s"))]  # fmt: skip
    wrong = part("member", valueCoding={"system": SNOMED_CT, "code": "250560019", "display": "A description"})
    refused = await operator.request("POST", "Group/$load-value-set", parameters(*heading, wrong))
    assert refused.status_code == 422
    assert "line 1: 250560019: it is a description id" in refused.text
    right = part("member", valueCoding={"system": SNOMED_CT, "code": "73211009", "display": "Diabetes"})
    await operator.call("POST", "Group/$load-value-set", parameters(*heading, right))
    [shown] = values(await operator.call("GET", f"Group/$value-sets?id={identity}"), "valueSet")
    assert (values(shown, "active"), values(shown, "inForce")) == ([1], [True])
