"""`tandem load`: files in, jobs followed, one summary, rejects with file and line, an exit code that says it all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from tandem.cli import load as command
from tandem.cli import load_pieces
from tandem.cli.load_client import LoadClient, ServerRefuses, base_url
from tandem.cli.load_pieces import Phase, count_entries, files_below, pieces
from tandem.cli.load_summary import Summary
from tandem.fhir.asgi import FhirEndpoint
from tandem.ids import RandomIds

URL = "http://tandem.test"
PATIENT = {"resourceType": "Patient", "id": "p1"}
CONDITION = {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}}
PRACTITIONER = {"resourceType": "Practitioner", "id": "d1", "identifier": [{"system": "s", "value": "1"}]}
SIGNED = {**CONDITION, "id": "c2", "recorder": {"reference": "Practitioner?identifier=s|1"}}


def write(path: Path, *records: Any) -> Path:
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in records) + "\n")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Records whose names put those first that depend on others."""
    below = tmp_path / "records" / "deeper"
    below.mkdir(parents=True)
    write(
        below.parent / "a.ndjson", CONDITION, "", PRACTITIONER, SIGNED, "no json", {**CONDITION, "id": "bad", "code": 1}
    )
    write(below / "b.ndjson", PATIENT, {"resourceType": "Claim", "id": "x"})
    write(
        below / "z.json",
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {**PATIENT, "id": "p2"}}]},
    )
    write(below / "package.json", {"name": "no FHIR"})
    (below / "MANIFEST.txt").write_text("not for us")
    return below.parent


def test_folders_give_their_json_and_ndjson_files_and_named_files_are_taken_as_they_are(folder: Path) -> None:
    other = folder / "deeper" / "MANIFEST.txt"
    names = [file.name for file in files_below([folder, other, folder])]
    assert names == ["a.ndjson", "b.ndjson", "package.json", "z.json", "MANIFEST.txt"]


def test_what_others_depend_on_goes_first_and_nothing_is_left_out(folder: Path) -> None:
    files = files_below([folder])
    phases = {phase: [(piece.file.name, piece.lines) for piece in pieces(files, phase)] for phase in Phase}
    assert phases == {
        Phase.ORGANISATIONS: [],
        Phase.PLACES: [("a.ndjson", [3])],
        Phase.PEOPLE: [("b.ndjson", [1]), ("z.json", [])],
        Phase.RECORDS: [("a.ndjson", [1, 4, 5, 6]), ("b.ndjson", [2]), ("package.json", [])],
    }
    assert count_entries(files) == 9


def test_long_files_are_cut_and_keep_their_line_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_pieces, "PIECE_BYTES", 150)
    file = write(tmp_path / "many.ndjson", *({**CONDITION, "id": f"c{number}"} for number in range(7)))
    found = list(pieces([file], Phase.RECORDS))
    assert len(found) > 2
    assert all(len(piece.body) <= 150 for piece in found)
    assert [number for piece in found for number in piece.lines] == [1, 2, 3, 4, 5, 6, 7]
    assert b"\n".join(piece.body for piece in found) == file.read_bytes().rstrip(b"\n")


@pytest.mark.parametrize("url", [URL, f"{URL}/", f"{URL}/fhir", f"{URL}/fhir/"])
def test_the_url_may_name_the_base_or_the_server(url: str) -> None:
    assert base_url(url) == f"{URL}/fhir"


async def test_a_whole_load_over_http_reaches_every_service_and_again_changes_nothing(
    system, operator, folder: Path
) -> None:
    async def verify(header: str | None) -> Any:
        assert header == "Bearer token"
        return operator

    endpoint = FhirEndpoint(
        "gateway", system.gateway.routes.answer, verify, RandomIds(), f"{URL}/fhir", max_body=10**7, max_ingest=10**7
    )
    await system.follow_events()
    await system.gateway.start()
    transport = httpx.ASGITransport(endpoint)
    async with httpx.AsyncClient(transport=transport, headers={"authorization": "Bearer token"}) as http:
        first, second = Summary(), Summary()
        shown: list[int] = []
        client = LoadClient(http, base_url(URL), "A81001")
        files = files_below([folder])
        await command.send_files(client, files, first, shown.append)
        await command.wait_until_caught_up(client)
        await command.send_files(client, files, second, shown.append)
    assert [(Path(one["file"]).name, one.get("line"), one["type"]) for one in first.rejects] == [
        ("a.ndjson", 5, "unreadable"),
        ("a.ndjson", 6, "Condition"),
        ("package.json", None, "unreadable"),
    ]
    assert {kind: counts["created"] for kind, counts in first.types.items()} == {
        "Practitioner": 1, "Patient": 2, "Condition": 2, "unreadable": 0,
    }  # fmt: skip
    assert {kind: counts["unchanged"] for kind, counts in second.types.items()} == {
        "Practitioner": 1, "Patient": 2, "Condition": 2, "unreadable": 0,
    }  # fmt: skip
    assert first.unowned == {"Claim": 1}
    assert sum(shown) == 2 * count_entries(files)
    async with system.services["mdt-service"].database.read() as connection:
        assert await connection.fetchval("SELECT COUNT(*) FROM patient") == 2


def answering(monkeypatch: pytest.MonkeyPatch, handler: Callable[[httpx.Request], httpx.Response]) -> None:
    """Let the command talk to this instead of a server."""
    transport = httpx.MockTransport(handler)
    monkeypatch.setattr(command, "http_client", lambda token: httpx.AsyncClient(transport=transport))


def report(rejects: list[dict[str, Any]]) -> dict[str, Any]:
    counts = {"created": 1200, "updated": 0, "unchanged": 0, "rejected": len(rejects)}
    return {"resources": 1200, "types": {"Patient": counts}, "unowned": {"Claim": 3}, "rejects": rejects}


def server(rejects: list[dict[str, Any]], behind: int = 0) -> Callable[[httpx.Request], httpx.Response]:
    left = [behind]

    def handle(request: httpx.Request) -> httpx.Response:
        match request.url.path.rsplit("/", 1)[1]:
            case "$ingest":
                return httpx.Response(202, headers={"content-location": "http://elsewhere/fhir/$job?id=gateway.1"})
            case "$job":
                assert request.url.params["id"] == "gateway.1"
                assert request.url.host == "tandem.test"
                return httpx.Response(200, json=report(rejects))
        left[0] -= 1
        return httpx.Response(200, json={"caughtUp": left[0] < 0, "dead": {"mdt-service": 2}})

    return handle


def run(tmp_path: Path, *arguments: str, url: str = URL) -> Any:
    file = write(tmp_path / "one.ndjson", PATIENT)
    rejects = tmp_path / "rejects.ndjson"
    return CliRunner().invoke(
        command.load, [str(file), "--url", url, "--token", "t", "--rejects", str(rejects), *arguments]
    )


def test_exit_0_with_a_table_when_everything_was_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, server([]))
    (tmp_path / "rejects.ndjson").write_text("from before")
    result = run(tmp_path)
    assert result.exit_code == 0, result.output
    assert "1,200" in result.output
    assert "Claim 3" in result.output
    assert "mdt-service has 2 dead letters" in result.output
    assert (tmp_path / "rejects.ndjson").read_text() == ""


def test_exit_1_with_a_file_of_rejects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, server([{"line": 1, "type": "Patient", "id": "p1", "issues": [{"text": "because"}]}]))
    result = run(tmp_path, "--no-wait")
    assert result.exit_code == 1
    lines = [json.loads(line) for line in (tmp_path / "rejects.ndjson").read_text().splitlines()]
    assert [(line["file"], line["line"], line["issues"]) for line in lines] == [
        (str(tmp_path / "one.ndjson"), 1, [{"text": "because"}])
    ]


def test_it_waits_until_all_have_caught_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    sleep = asyncio.sleep

    async def quick(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(command.asyncio, "sleep", quick)
    answering(monkeypatch, server([], behind=3))
    result = run(tmp_path)
    assert result.exit_code == 0
    assert waited.count(0.25) == 3


def test_exit_2_when_the_server_cannot_be_reached(tmp_path: Path) -> None:
    result = run(tmp_path, url="http://127.0.0.1:9")
    assert result.exit_code == 2
    assert "the server at http://127.0.0.1:9/fhir cannot be reached" in result.output
    assert "Traceback" not in result.output


def test_exit_2_when_the_token_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = {"issue": [{"details": {"text": "The bearer token has expired"}}]}
    answering(monkeypatch, lambda request: httpx.Response(401, json=outcome))
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "refuses the token: The bearer token has expired" in result.output


def test_a_piece_refused_as_a_whole_is_a_reject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = {"issue": [{"details": {"text": "A body may take up to 5 bytes"}}]}

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(413, json=outcome)

    answering(monkeypatch, handle)
    result = run(tmp_path, "--no-wait")
    assert result.exit_code == 1
    assert "A body may take up to 5 bytes" in (tmp_path / "rejects.ndjson").read_text()


def test_nothing_to_load_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(command.load, [str(tmp_path), "--url", URL, "--token", "t"])
    assert result.exit_code == 2
    assert "no .json or .ndjson files" in result.output


async def test_a_busy_server_is_asked_again_and_one_that_comes_back_too(tmp_path: Path) -> None:
    answers: list[Any] = [
        httpx.Response(503), httpx.Response(202, headers={"content-location": "x?id=gateway.1"}),
        httpx.ConnectError("restarting"), httpx.Response(202, headers={"x-progress": "1 of 2"}),
        httpx.Response(200, json=report([])),
    ]  # fmt: skip

    def handle(request: httpx.Request) -> httpx.Response:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def no_pause(_: float) -> None:
        await asyncio.sleep(0)

    shown: list[int] = []
    [piece] = pieces([write(tmp_path / "two.ndjson", PATIENT, {**PATIENT, "id": "p2"})], Phase.PEOPLE)
    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
        client = LoadClient(http, base_url(URL), None, pause=no_pause)
        assert (await client.load(piece, shown.append))["resources"] == 1200
        assert shown == [1, 1]
        answers[:] = [httpx.Response(503)] * 8
        with pytest.raises(ServerRefuses):
            await client.caught_up()


async def test_an_unchanged_file_is_known_and_a_changed_one_is_not(system, tmp_path: Path) -> None:
    async def created_and_unchanged(*resources: dict[str, Any]) -> tuple[int, int]:
        [piece] = pieces([write(tmp_path / "people.ndjson", *resources)], Phase.PEOPLE)
        answer = await system.ask(
            "POST", "$ingest", piece.body,
            headers={"content-type": "application/fhir+ndjson", "x-tandem-source": piece.source},
        )  # fmt: skip
        if answer.status == 202:
            await system.gateway.jobs.run_one()
            answer = await system.follow(answer.headers["Content-Location"])
        counts = json.loads(answer.body)["types"]["Patient"]
        return counts["created"] + counts["updated"], counts["unchanged"]

    first, second = PATIENT, {**PATIENT, "gender": "female"}
    assert await created_and_unchanged(first) == (1, 0)
    assert await created_and_unchanged(first) == (0, 1)
    assert await created_and_unchanged(second) == (1, 0)
    assert await created_and_unchanged(first) == (1, 0), "what was undone in the file is undone here"
