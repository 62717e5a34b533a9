"""The root of the base URL: what has one owner goes to it, what has none is answered here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.ownership import OWNED_TYPES
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.identity.caller import ALL_LETTERS, Caller, service_caller

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female"}


def body_of(answer: FhirResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status == status, answer.body
    found: dict[str, Any] = json.loads(answer.body)
    return found


def bundle(kind: str, *entries: tuple[str, str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": [
        {"request": {"method": method, "url": url}, **({"resource": resource} if resource else {})}
        for method, url, resource in entries
    ]}  # fmt: skip


def task(name: str) -> dict[str, Any]:
    return {"resourceType": "Task", "id": name, "status": "requested", "intent": "order"}


def provenance(name: str, target: str, recorded: str = "2020-07-01T09:00:00Z") -> dict[str, Any]:
    return {
        "resourceType": "Provenance", "id": name, "recorded": recorded, "target": [{"reference": target}],
        "agent": [{"who": {"display": "A system"}}],
    }  # fmt: skip


async def test_metadata_is_of_all_services_and_needs_no_scope(system) -> None:
    statement = body_of(await system.ask("GET", "metadata", caller=Caller("")))
    rest = statement["rest"][0]
    named = {resource["type"] for resource in rest["resource"]}
    assert {kind for kinds in OWNED_TYPES.values() for kind in kinds} <= named
    assert {"ingest", "job", "caught-up"} <= {operation["name"] for operation in rest["operation"]}


async def test_types_go_to_their_owner_with_one_base_url_in_all_links(system) -> None:
    created = await system.ask("POST", "Task", task("x"))
    assert created.status == 201
    assert created.headers["Location"].startswith("http://tandem.test/fhir/Task/")
    found = body_of(await system.ask("GET", "Task", query="status=requested"))
    assert found["link"][0]["url"] == "http://tandem.test/fhir/Task?status=requested"


@pytest.mark.parametrize("path", ["Claim", "Claim/1", "Nonsense/_history"])
async def test_an_unknown_type_is_not_found(system, path: str) -> None:
    answer = await system.ask("GET", path)
    assert body_of(answer, 404)["issue"][0]["code"] == "not-supported"


async def test_a_batch_goes_to_every_owner_and_keeps_its_order(system) -> None:
    sent = bundle(
        "batch", ("PUT", "Task/a", task("a")), ("PUT", "Patient/p1", PATIENT), ("GET", "Claim/1", None),
        ("GET", "Patient/p1", None), ("PUT", "Task/b", task("other")),
    )  # fmt: skip
    entries = body_of(await system.ask("POST", "", sent))["entry"]
    assert [entry["response"]["status"] for entry in entries] == ["201", "201", "404", "200", "400"]


async def test_a_transaction_of_one_owner_goes_there_whole(system) -> None:
    sent = bundle("transaction", ("PUT", "Task/a", task("a")), ("PUT", "Task/b", {**task("b"), "status": "nonsense"}))
    assert (await system.ask("POST", "", sent)).status == 422
    assert (await system.ask("GET", "Task/a")).status == 404
    sent = bundle("transaction", ("PUT", "Task/a", task("a")), ("PUT", "Task/b", task("b")))
    answer = body_of(await system.ask("POST", "", sent))
    assert (answer["type"], len(answer["entry"])) == ("transaction-response", 2)


async def test_a_transaction_over_owners_is_refused_naming_entries_and_owners(system) -> None:
    sent = bundle("transaction", ("PUT", "Task/a", task("a")), ("PUT", "Patient/p1", PATIENT))
    issues = body_of(await system.ask("POST", "", sent), 422)["issue"]
    assert [issue["expression"] for issue in issues] == [["Bundle.entry[0]"], ["Bundle.entry[1]"]]
    assert "mdt-service" in issues[0]["details"]["text"]
    assert "cohort-service" in issues[1]["details"]["text"]
    assert (await system.ask("GET", "Task/a")).status == 404
    unknown = bundle("transaction", ("POST", "Claim", {"resourceType": "Claim"}))
    assert body_of(await system.ask("POST", "", unknown), 422)["issue"][0]["expression"] == ["Bundle.entry[0]"]
    empty = body_of(await system.ask("POST", "", {"resourceType": "Bundle", "type": "transaction"}))
    assert empty["type"] == "transaction-response"


@pytest.mark.parametrize("sent", [{"resourceType": "Patient"}, {"resourceType": "Bundle", "type": "document"}])
async def test_the_root_takes_batches_and_transactions_only(system, sent: dict[str, Any]) -> None:
    assert (await system.ask("POST", "", sent)).status == 400


async def test_provenance_is_kept_by_the_owner_of_its_first_target_and_found_anywhere(system) -> None:
    for name, target in (("one", "Task/a"), ("two", "Patient/p1"), ("three", "http://tandem.test/fhir/CarePlan/c")):
        assert (await system.ask("PUT", f"Provenance/{name}", provenance(name, target))).status == 201
    for name, service in (("one", "mdt-service"), ("two", "cohort-service"), ("three", "careplan-service")):
        async with system.services[service].database.read() as connection:
            assert await connection.fetchval("SELECT id FROM resource WHERE type = 'Provenance'") == name
        assert body_of(await system.ask("GET", f"Provenance/{name}"))["id"] == name
        assert body_of(await system.ask("GET", f"Provenance/{name}/_history/1"))["id"] == name
        assert len(body_of(await system.ask("GET", f"Provenance/{name}/_history"))["entry"]) == 1
    assert (await system.ask("GET", "Provenance/four")).status == 404
    changed = provenance("two", "Patient/p1", "2021-01-01T00:00:00Z")
    assert (await system.ask("PUT", "Provenance/two", changed)).status == 200
    assert (await system.ask("DELETE", "Provenance/two")).status == 204
    assert (await system.ask("GET", "Provenance/two")).status == 410
    created = await system.ask("POST", "Provenance", provenance("x", "Task/a"))
    assert created.status == 201
    refused = await system.ask("POST", "Provenance", provenance("x", "Claim/1"))
    assert body_of(refused, 422)["issue"][0]["expression"] == ["Provenance.target[0]"]


async def test_a_conditional_delete_finds_the_only_match_anywhere(system) -> None:
    await system.ask("PUT", "Provenance/one", provenance("one", "Task/a"))
    await system.ask("PUT", "Provenance/two", provenance("two", "Patient/p1"))
    assert (await system.ask("DELETE", "Provenance", query="recorded=2020-07-01")).status == 412
    assert (await system.ask("DELETE", "Provenance", query="target=Task/a")).status == 204
    assert (await system.ask("GET", "Provenance/one")).status == 410
    assert (await system.ask("GET", "Provenance/two")).status == 200


async def pages(system, path: str, query: str, caller: Caller | None = None) -> list[list[dict[str, Any]]]:
    found, answer = [], await system.ask("GET", path, query=query, **({"caller": caller} if caller else {}))
    while True:
        page = body_of(answer)
        found.append(page.get("entry", []))
        links = {link["relation"]: link["url"] for link in page["link"]}
        if "next" not in links:
            return found
        answer = await system.follow(links["next"], **({"caller": caller} if caller else {}))


TARGETS = ("Task/a", "Patient/p1", "CarePlan/c", "ServiceRequest/s", "Measure/m")


@pytest.mark.parametrize("count", [1, 2, 3, 7, 50])
async def test_a_search_over_services_is_paged_in_one_order_and_complete(system, count: int) -> None:
    for number in range(13):
        name = f"pr{number:02d}"
        recorded = f"2020-07-{(number * 5) % 28 + 1:02d}T09:00:00Z"
        await system.ask("PUT", f"Provenance/{name}", provenance(name, TARGETS[number * number % 5], recorded))
    found = await pages(system, "Provenance", f"_sort=-recorded&_count={count}&_total=accurate")
    shown = [entry["resource"]["recorded"] for page in found for entry in page]
    assert shown == sorted(shown, reverse=True)
    assert len({entry["resource"]["id"] for page in found for entry in page}) == len(shown) == 13
    assert all(len(page) <= count for page in found)
    first = body_of(await system.ask("GET", "Provenance", query=f"_count={count}&_total=accurate"))
    assert first["total"] == 13
    assert body_of(await system.ask("GET", "Provenance", query="_summary=count"))["total"] == 13
    form = await system.ask("POST", "Provenance/_search", b"_sort=recorded&_count=50")
    assert len(body_of(form)["entry"]) == 13


async def test_what_is_written_while_paging_shifts_nothing(system) -> None:
    for number in range(9):
        await system.ask("PUT", f"{'Task' if number % 2 else 'Schedule'}/r{number}", resource(number))
    first = body_of(await system.ask("GET", "_history", query="_count=4"))
    for number in range(9, 15):
        await system.ask("PUT", f"Patient/r{number}", {**PATIENT, "id": f"r{number}"})
        await system.ask("PUT", f"Task/x{number}", task(f"x{number}"))
    seen = [entry["fullUrl"] for entry in first["entry"]]
    answer = first
    while links := [link["url"] for link in answer["link"] if link["relation"] == "next"]:
        answer = body_of(await system.follow(links[0]))
        seen += [entry["fullUrl"] for entry in answer.get("entry", [])]
    old = [name for name in seen if name.rsplit("/", 1)[1] in {f"r{number}" for number in range(9)}]
    assert len(old) == len(set(old)) == 9
    assert not [name for name in seen if "/x" in name and name.startswith("http://tandem.test/fhir/Task")]


def resource(number: int) -> dict[str, Any]:
    if number % 2:
        return task(f"r{number}")
    return {"resourceType": "Schedule", "id": f"r{number}", "actor": [{"display": "Room"}]}


async def test_history_of_the_system_is_newest_first_over_services(system) -> None:
    for number in range(7):
        await system.ask("PUT", f"Task/t{number}", task(f"t{number}"))
        await system.ask("PUT", f"Patient/p{number}", {**PATIENT, "id": f"p{number}"})
    found = [entry for page in await pages(system, "_history", "_count=5") for entry in page]
    times = [entry["response"]["lastModified"] for entry in found]
    assert (len(found), times) == (14, sorted(times, reverse=True))


async def test_a_page_link_is_for_who_got_it_and_for_this_request(system, practice: Caller) -> None:
    for number in range(5):
        await system.ask("PUT", f"Task/t{number}", task(f"t{number}"))
    page = body_of(await system.ask("GET", "_history", query="_count=2"))
    link = next(link["url"] for link in page["link"] if link["relation"] == "next")
    assert (await system.follow(link, practice)).status == 400
    assert (await system.follow(link.replace("_count=2", "_count=3"))).status == 400
    assert (await system.follow(link[:-3] + "AAA")).status == 400
    assert (await system.follow(link)).status == 200


async def test_parameters_that_cannot_be_merged_or_are_unknown_are_refused(system) -> None:
    assert "_sort" in str(body_of(await system.ask("GET", "Provenance", query="_sort=agent"), 400))
    assert (await system.ask("GET", "Provenance", query="nonsense=1")).status == 400
    assert (await system.ask("GET", "_history", query="nonsense=1")).status == 400


async def test_audit_is_found_over_services_newest_first(system) -> None:
    await system.ask("PUT", "Patient/p1", PATIENT)
    await system.ask("PUT", "Task/a", task("a"))
    await system.ask("GET", "Patient/p1")
    found = [entry["resource"] for page in await pages(system, "AuditEvent", "_count=2") for entry in page]
    times = [event["recorded"] for event in found]
    assert times == sorted(times, reverse=True)
    assert {event["resourceType"] for event in found} == {"AuditEvent"}
    assert len(found) >= 3
    assert (await system.ask("POST", "AuditEvent", {"resourceType": "AuditEvent"})).status == 405
    for event in found:
        assert body_of(await system.ask("GET", f"AuditEvent/{event['id']}"))["id"] == event["id"]
    assert (await system.ask("GET", "AuditEvent/1")).status == 404
    assert (await system.ask("DELETE", "AuditEvent/1")).status == 405


async def test_jobs_go_by_the_prefix_of_their_id(system) -> None:
    for name in ("mdt-service.unknown", "gateway.unknown", "elsewhere.unknown", ""):
        assert (await system.ask("GET", "$job", query=f"id={name}")).status == 404
    assert (await system.ask("GET", "$nonsense")).status == 404


async def test_the_log_is_for_our_own_services_one_at_a_time(system, practice: Caller) -> None:
    own = service_caller("mdt-service")
    assert (await system.ask("GET", "$events", query="service=cohort-service")).status == 403
    assert (await system.ask("GET", "$events", caller=own)).status == 403
    assert (await system.ask("GET", "$events", query="service=cohort-service", caller=own)).status == 200
    assert (await system.ask("GET", "$event-heads", query="service=cohort-service", caller=own)).status == 200


class Away:
    """A service that cannot be reached."""

    async def send(self, request: FhirRequest) -> FhirResponse:
        raise FhirError(Kind.UNAVAILABLE, headers={"Retry-After": "2"})


async def test_a_service_that_is_away_is_named_and_nothing_is_answered_by_halves(system) -> None:
    system.gateway.routes._backends._backends["mdt-service"] = Away()
    for path in ("Task/1", "_history", "Provenance", "Provenance/1", "$caught-up"):
        answer = await system.ask("GET", path)
        assert answer.headers["Retry-After"] == "2"
        assert "mdt-service" in str(body_of(answer, 503))
    assert (await system.ask("PUT", "Patient/p1", PATIENT)).status == 201
    entries = body_of(
        await system.ask("POST", "", bundle("batch", ("GET", "Task/1", None), ("GET", "Patient/p1", None)))
    )
    assert [entry["response"]["status"] for entry in entries["entry"]] == ["503", "200"]


async def test_caught_up_when_every_consumer_has_taken_everything(system) -> None:
    await system.ask("PUT", "Patient/p1", PATIENT)
    state = body_of(await system.ask("GET", "$caught-up", caller=Caller("A81001", scopes={"*": ALL_LETTERS})))
    assert (state["caughtUp"], state["unpublished"]) == (False, ["cohort-service"])
    await system.follow_events()
    while not state["caughtUp"]:
        state = body_of(await system.ask("GET", "$caught-up"))
    assert (state["behind"], state["unpublished"], state["dead"]) == ({}, [], {})
    for name in ("mdt-service", "careplan-service", "referral-service", "metrics-service"):
        async with system.services[name].database.read() as connection:
            assert await connection.fetchval("SELECT COUNT(*) FROM patient") == 1


@pytest.mark.parametrize("count", ["%C2%B2", "9" * 40, "-1", "many"])
async def test_a_count_that_is_no_number_is_refused_by_who_is_asked(system, count) -> None:
    for path in ("Provenance", "_history", "AuditEvent"):
        assert (await system.ask("GET", path, query=f"_count={count}")).status == 400
