"""Who may have a Subscription, of what, to where; and whose business it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tandem.subscriptions.declaration import MOST_OF_ONE_ORGANISATION


def faults(response, status: int = 422) -> list[tuple[str | None, str]]:
    """(expression, text) of a refusal."""
    assert response.status == status, (response.status, response.body)
    return [
        ((issue.get("expression") or [None])[0], issue["details"]["text"])
        for issue in json.loads(response.body)["issue"]
    ]


async def refused(bench, code: int = 422, by: str = "RXP01", **changes: Any) -> list[tuple[str | None, str]]:
    """The faults of a Subscription that is refused, of which nothing is left."""
    criteria = changes.pop("criteria", "Task?status=requested")
    found = faults(await bench.ask("POST", "Subscription", bench.subscription(criteria, **changes), by=by), code)
    assert await bench.rows() == []
    assert (await bench.ask("GET", "Subscription", by=by)).body.count(b"fullUrl") == 0
    return found


@pytest.mark.parametrize("endpoint", [
    "https://elsewhere.example/told", "https://127.0.0.1/told", "https://127.0.0.1:1/told", "https://localhost:{port}/told",
])  # fmt: skip
async def test_an_endpoint_is_on_a_registered_host(sqlite_bench, endpoint) -> None:
    [(where, text)] = await refused(sqlite_bench, endpoint=endpoint.format(port=sqlite_bench.receiver.port))
    assert (where, "not registered" in text) == ("Subscription.channel.endpoint", True)


async def test_a_host_of_another_organisation_is_not_ones_own(sqlite_bench) -> None:
    [(where, _)] = await refused(sqlite_bench, by="B82002")
    assert where == "Subscription.channel.endpoint"


async def test_an_unreadable_register_lets_nobody_in(sqlite_bench) -> None:
    sqlite_bench.hosts.write_text("[]")
    [(_, text)] = await refused(sqlite_bench, code=503)
    assert text == "The register of hosts cannot be read"


async def test_all_faults_are_told_at_once(sqlite_bench) -> None:
    found = await refused(
        sqlite_bench,
        criteria="Task?no-such=1",
        type="email",
        payload="application/fhir+xml",
        header=["Host: a"],
        endpoint="http://a",
        status="active",
    )
    assert [where for where, _ in found] == [
        "Subscription.status", "Subscription.channel.type", "Subscription.channel.payload",
        "Subscription.channel.endpoint", "Subscription.channel.header[0]", "Subscription.criteria",
    ]  # fmt: skip


async def test_an_end_in_the_past_is_refused(sqlite_bench) -> None:
    assert [where for where, _ in await refused(sqlite_bench, end="2020-06-30T00:00:00Z")] == ["Subscription.end"]


async def test_being_told_needs_the_scopes_of_a_search_and_a_read(sqlite_bench) -> None:
    [(_, text)] = await refused(sqlite_bench, code=403, by="narrow")
    assert text == "Being told of a Task needs the scope system/Task.s"


async def test_a_service_makes_none(sqlite_bench) -> None:
    faults(await sqlite_bench.ask("POST", "Subscription", sqlite_bench.subscription(), by="service"), 403)
    assert await sqlite_bench.rows() == []


async def test_an_organisation_has_so_many_at_most(sqlite_bench) -> None:
    for _ in range(MOST_OF_ONE_ORGANISATION):
        assert (await sqlite_bench.ask("POST", "Subscription", sqlite_bench.subscription())).status == 201
    [(_, text)] = faults(await sqlite_bench.ask("POST", "Subscription", sqlite_bench.subscription()))
    assert str(MOST_OF_ONE_ORGANISATION) in text
    assert (await sqlite_bench.ask("POST", "Subscription", sqlite_bench.subscription(), by="A81001")).status == 201


async def test_a_client_does_not_say_active_or_error(sqlite_bench) -> None:
    subscription, _ = await sqlite_bench.subscribe()
    body = await sqlite_bench.read(f"Subscription/{subscription}")
    assert body["status"] == "active"
    for status in ("active", "error"):
        [(where, _)] = faults(
            await sqlite_bench.ask("PUT", f"Subscription/{subscription}", body | {"status": status, "reason": "b"})
        )
        assert where == "Subscription.status"
    assert await sqlite_bench.status(subscription) == "active"


async def test_the_secret_is_beside_the_first_answer_alone(bench) -> None:
    made = await bench.ask("POST", "Subscription", bench.subscription())
    assert made.headers["Tandem-Subscription-Secret"].startswith("whsec_")
    body = json.loads(made.body)
    changed = await bench.ask("PUT", f"Subscription/{body['id']}", body | {"reason": "Another"})
    for answer in (
        changed,
        await bench.ask("GET", f"Subscription/{body['id']}"),
        await bench.ask("GET", "Subscription"),
    ):
        assert "Tandem-Subscription-Secret" not in answer.headers
        assert made.headers["Tandem-Subscription-Secret"].encode() not in answer.body


async def test_one_that_is_made_in_a_transaction_gets_its_secret_when_it_is_asked_for(sqlite_bench) -> None:
    entry = {"resource": sqlite_bench.subscription(), "request": {"method": "POST", "url": "Subscription"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert (await sqlite_bench.ask("POST", "", bundle)).status == 200
    [(subscription, *_)] = await sqlite_bench.rows()
    renewed = await sqlite_bench.ask("POST", f"Subscription/{subscription}/$renew-secret")
    [parameter] = json.loads(renewed.body)["parameter"]
    assert parameter["name"] == "secret"
    assert parameter["valueString"].startswith("whsec_")
    patch = [{"op": "replace", "path": "/status", "value": "off"}]
    patched = await sqlite_bench.ask(
        "PATCH", f"Subscription/{subscription}", patch, content_type="application/json-patch+json"
    )
    assert patched.status == 200, patched.body
    assert [row[1] for row in await sqlite_bench.rows()] == ["off"]


@pytest.mark.parametrize("by", ["B82002", "U12345", "A81001"])
async def test_it_is_its_makers_business_alone(bench, by) -> None:
    async with bench.database.transaction() as connection:
        # The network sees what the practice keeps about nobody; this not.
        await connection.execute(
            "INSERT INTO organisation (id, code, kind, active) VALUES ('n', 'U12345', 'network', 1)"
        )
        await connection.execute(
            "INSERT INTO membership (id, holder_reference, member_reference, holder, member, starts, ends)"
            " VALUES ('m', 'n', 'p', 'U12345', 'RXP01', 0, $1)", 2**60,
        )  # fmt: skip
    subscription, _ = await bench.subscribe()
    body = await bench.read(f"Subscription/{subscription}")
    path = f"Subscription/{subscription}"
    replay = {"resourceType": "Parameters", "parameter": [{"name": "from", "valueInteger": 1}]}
    asked = [
        ("GET", path, None), ("GET", f"{path}/_history", None), ("GET", f"{path}/_history/1", None),
        ("PUT", path, body | {"status": "off"}), ("DELETE", path, None), ("POST", f"{path}/$replay", replay),
        ("POST", f"{path}/$renew-secret", None),
    ]  # fmt: skip
    rows = await bench.rows()
    for method, address, sent in asked:
        assert (await bench.ask(method, address, sent, by=by)).status == 404, (method, address)
    for address in ("Subscription", "Subscription/_history"):
        assert subscription.encode() not in (await bench.ask("GET", address, by=by)).body
    provenance = {
        "resourceType": "Provenance", "recorded": "2020-07-01T09:00:00Z", "target": [{"reference": path}],
        "agent": [{"who": {"display": "a"}}],
    }  # fmt: skip
    assert (await bench.ask("POST", "Provenance", provenance, by=by)).status == 201
    included = await bench.ask("GET", "Provenance", query="_include=Provenance:target", by=by)
    assert included.status == 200
    assert b'"Subscription","id"' not in included.body
    assert await bench.rows() == rows
    assert await bench.status(subscription) == "active"


async def test_an_operator_turns_one_off_and_does_not_get_the_secret(bench) -> None:
    subscription, _ = await bench.subscribe()
    path = f"Subscription/{subscription}"
    body = await bench.read(path, by="operator")
    assert (await bench.ask("PUT", path, body | {"status": "off"}, by="operator")).status == 200
    assert (await bench.ask("POST", f"{path}/$renew-secret", by="operator")).status == 403
    assert await bench.status(subscription) == "off"
