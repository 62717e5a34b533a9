"""A subscriber is told every matching version in order, signed, at least once, and only what it may see."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from tandem.clock import to_micros
from tandem.subscriptions.delivery import MOST_ATTEMPTS
from tandem_tests.https_receiver import register


async def test_every_version_that_matches_is_sent_as_an_update(bench) -> None:
    await bench.task()
    await bench.sequenced()
    subscription, _ = await bench.subscribe()
    task = await bench.task()
    await bench.task(owner="RYY02")
    await bench.task(task, status="accepted")
    await bench.task(task, owner="RYY02")
    await bench.task(task, status="completed")
    assert await bench.told() == [f"Task/{task} v{version}" for version in (1, 2, 4)]
    first = bench.receiver.requests[0]
    assert (first.method, first.path) == ("PUT", f"/told/Task/{task}")
    assert first.headers["content-type"] == "application/fhir+json"
    assert first.headers["x-correlation-id"] == "the-correlation"
    assert first.headers["tandem-subscription"] == subscription
    positions = [int(each.headers["tandem-position"]) for each in bench.receiver.requests]
    assert positions == sorted(positions)
    assert first.body == (await bench.ask("GET", f"Task/{task}/_history/1")).body, "byte for byte as it is stored"


async def test_it_is_signed_with_the_secret_that_was_given_once(bench) -> None:
    subscription, secret = await bench.subscribe(header=["Authorization: Bearer of-the-endpoint", "X-Team: seven"])
    await bench.task()
    await bench.told()
    [request] = bench.receiver.requests
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert request.headers["authorization"] == "Bearer of-the-endpoint"
    assert request.headers["x-team"] == "seven"
    read = await bench.ask("GET", f"Subscription/{subscription}")
    assert secret not in str(read.headers)
    assert secret.encode() not in read.body
    renewed = await bench.ask("POST", f"Subscription/{subscription}/$renew-secret")
    [parameter] = json.loads(renewed.body)["parameter"]
    assert parameter["valueString"] not in ("", secret)


async def test_without_a_payload_it_is_a_bare_signal(bench) -> None:
    await bench.subscribe(payload=None)
    await bench.task()
    await bench.told()
    [request] = bench.receiver.requests
    assert (request.method, request.path, request.body) == ("POST", "/told", b"")
    assert "content-type" not in request.headers
    assert await bench.audited() == []


async def test_what_was_sent_of_a_person_is_audited(bench) -> None:
    await bench.subscribe()
    await bench.task()
    await bench.told()
    assert await bench.audited() == [("RXP01", "ada", 200)]


async def test_access_is_asked_for_at_the_moment_of_sending(bench) -> None:
    await bench.subscribe()
    bench.receiver.statuses = [500]
    lost, gone = await bench.task(), await bench.task(person="bea")
    kept = await bench.task(person=None)
    await bench.told()
    assert len(bench.receiver.requests) == 1
    await bench.access("RXP01", until=0)
    bench.now.add(60)
    # Of the two persons one was never the provider's, and the other is no more.
    assert await bench.told() == [f"Task/{lost} v1"], "the attempt that failed, while there was access"
    await bench.access("RXP01")
    await bench.task(gone, person="ada", status="accepted")
    assert (await bench.told())[1:] == [f"Task/{gone} v2"], "nothing that was passed over comes later"
    assert kept not in str(bench.receiver.requests)


async def test_a_version_about_another_person_than_the_record_is_now_is_not_sent(bench) -> None:
    await bench.subscribe()
    task = await bench.task(person="bea")
    await bench.task(task, person="ada")
    assert await bench.told() == [f"Task/{task} v2"]


async def test_what_was_deleted_meanwhile_is_not_sent(bench) -> None:
    await bench.subscribe()
    task = await bench.task()
    assert (await bench.ask("DELETE", f"Task/{task}", by="A81001")).status == 204
    assert await bench.told() == []


async def test_nothing_is_told_or_passed_over_while_it_is_not_known_who_may_see_what(bench) -> None:
    await bench.subscribe()
    task = await bench.task()
    bench.kernel.registered_only = lambda: True
    assert await bench.told() == []
    bench.kernel.registered_only = lambda: False
    assert await bench.told() == [f"Task/{task} v1"]


async def test_it_is_tried_again_with_longer_and_longer_waits_and_nothing_overtakes(bench) -> None:
    await bench.subscribe()
    bench.receiver.statuses = [500, 302, 404]
    bench.receiver.location = f"{bench.receiver.url}/elsewhere"
    first, second = await bench.task(), await bench.task()
    await bench.told()
    waits = []
    for _ in range(3):
        assert len({each.headers["webhook-id"] for each in bench.receiver.requests}) == 1
        [(_, _, _, attempts, next_at)] = await bench.rows()
        assert attempts == len(bench.receiver.requests)
        waits.append((next_at - bench.now.micros) / 1e6)
        bench.now.micros = next_at - 1
        await bench.told()
        assert attempts == len(bench.receiver.requests), "not before its time"
        bench.now.add(0.000001)
        await bench.told()
    assert 0.5 <= waits[0] <= 1 <= waits[1] <= 2 <= waits[2] <= 4
    assert await bench.told() == [f"Task/{first} v1"] * 4 + [f"Task/{second} v1"]
    assert {each.path for each in bench.receiver.requests} == {f"/told/Task/{each}" for each in (first, second)}
    assert all("cookie" not in each.headers for each in bench.receiver.requests)
    assert [status for *_, status in await bench.audited()] == [500, 302, 404, 200, 200]


async def test_after_many_attempts_it_is_in_error_and_goes_on_where_it_stopped(bench) -> None:
    subscription, _ = await bench.subscribe()
    bench.receiver.statuses = [503] * MOST_ATTEMPTS
    task = await bench.task()
    for _ in range(MOST_ATTEMPTS):
        await bench.told()
        bench.now.add(3600)
    assert len(bench.receiver.requests) == MOST_ATTEMPTS
    held = await bench.read(f"Subscription/{subscription}")
    assert held["status"] == "error"
    assert held["error"] == f"{MOST_ATTEMPTS} attempts at one notification have failed, the last with HTTP 503"
    later = await bench.task()
    await bench.told()
    assert len(bench.receiver.requests) == MOST_ATTEMPTS, "nothing more is tried"
    again = await bench.ask("PUT", f"Subscription/{subscription}", held | {"status": "requested"})
    assert again.status == 200, again.body
    await bench.told()
    assert (await bench.told())[MOST_ATTEMPTS:] == [f"Task/{task} v1", f"Task/{later} v1"]
    held = await bench.read(f"Subscription/{subscription}")
    assert held["status"] == "active"
    assert "error" not in held


async def test_it_ends_at_its_end(bench) -> None:
    subscription, _ = await bench.subscribe(end="2020-07-01T09:00:00Z")
    task = await bench.task()
    await bench.told()
    bench.clock.set(bench.clock.now().replace(hour=9))
    await bench.task()
    assert await bench.told() == [f"Task/{task} v1"]
    assert await bench.status(subscription) == "off"


async def test_who_turns_it_off_is_told_nothing_more(bench) -> None:
    subscription, _ = await bench.subscribe()
    body = await bench.read(f"Subscription/{subscription}") | {"status": "off"}
    assert (await bench.ask("PUT", f"Subscription/{subscription}", body)).status == 200
    await bench.task()
    assert await bench.told() == []
    assert (await bench.ask("DELETE", f"Subscription/{subscription}")).status == 204
    assert await bench.rows() == []


@pytest.mark.parametrize("chosen", ["from", "since"])
async def test_a_replay_tells_again_in_order(bench, chosen) -> None:
    subscription, _ = await bench.subscribe()
    early = await bench.task()
    bench.clock.set(bench.clock.now().replace(hour=9))
    late = [await bench.task() for _ in range(3)]
    await bench.told()
    [_, second, *_] = bench.receiver.requests
    value = int(second.headers["tandem-position"]) if chosen == "from" else "2020-07-01T09:00:00Z"
    kind = "valueInteger" if chosen == "from" else "valueInstant"
    parameters = {"resourceType": "Parameters", "parameter": [{"name": chosen, kind: value}]}
    answered = await bench.ask("POST", f"Subscription/{subscription}/$replay", parameters)
    assert answered.status == 200, answered.body
    assert json.loads(answered.body)["parameter"] == [
        {"name": "from", "valueInteger": int(second.headers["tandem-position"])}
    ]
    told = await bench.told()
    assert told == [f"Task/{task} v1" for task in (early, *late, *late)]
    ids = [each.headers["webhook-id"] for each in bench.receiver.requests]
    assert ids[1:4] == ids[4:], "a receiver knows them again"


@pytest.mark.parametrize("parameter", [
    [], [("from", 0)], [("from", 10**6)], [("from", 1), ("since", "2020-07-01")], [("since", "then")], [("to", 3)],
])  # fmt: skip
async def test_a_replay_says_what_it_needs(bench, parameter) -> None:
    subscription, _ = await bench.subscribe()
    body = {"resourceType": "Parameters", "parameter": [
        {"name": name, "valueInteger" if type(value) is int else "valueString": value} for name, value in parameter
    ]}  # fmt: skip
    assert (await bench.ask("POST", f"Subscription/{subscription}/$replay", body)).status == 400


async def test_a_replay_during_a_delivery_is_not_undone_by_it(bench) -> None:
    subscription, _ = await bench.subscribe()
    first = await bench.task()
    await bench.told()
    bench.receiver.hanging = {f"/told/Task/{(second := await bench.task())}"}
    await bench.sequenced()
    await bench.dispatcher.turn()
    await bench.receiver.wait_for(2)
    position = int(bench.receiver.requests[0].headers["tandem-position"])
    body = {"resourceType": "Parameters", "parameter": [{"name": "from", "valueInteger": position}]}
    assert (await bench.ask("POST", f"Subscription/{subscription}/$replay", body)).status == 200
    bench.receiver.released.set()
    assert await bench.told() == [f"Task/{task} v1" for task in (first, second, first, second)]


async def test_another_process_goes_on_where_one_was_killed(bench) -> None:
    await bench.subscribe()
    tasks = [await bench.task() for _ in range(5)]
    bench.receiver.hanging = {f"/told/Task/{tasks[2]}"}
    await bench.sequenced()
    await bench.dispatcher.turn()
    await bench.receiver.wait_for(3)
    dead, bench.dispatcher = bench.dispatcher, bench.make("two")
    await bench.told()
    assert len(bench.receiver.requests) == 3, "the lease is still held"
    bench.now.add(60)
    bench.receiver.released.set()
    told = await bench.told()
    expected = [f"Task/{task} v1" for task in (*tasks[:3], *tasks[2:])]
    assert told == expected, "the one in the air once more, none left out"
    await dead.close()
    assert [row[3:] for row in await bench.rows()] == [(0, 0)], "who has lost the lease moves nothing"


async def test_a_hanging_endpoint_holds_up_nobody(bench) -> None:
    await bench.subscribe(endpoint=f"{bench.receiver.url}/slow")
    await bench.subscribe(endpoint=f"{bench.receiver.url}/quick")
    task = await bench.task()
    bench.receiver.hanging = {f"/slow/Task/{task}"}
    await bench.sequenced()
    async with bench.running():
        await bench.receiver.wait_for(1, "/slow")
        for number in range(1, 4):
            await bench.receiver.wait_for(number, "/quick")
            await bench.task()
            await bench.sequenced()
            bench.dispatcher.wake()
        await bench.receiver.wait_for(4, "/quick")
        assert len(bench.receiver.of("/slow")) == 1


async def test_an_endpoint_that_does_not_answer_is_given_up_and_tried_again(bench) -> None:
    bench.dispatcher = bench.make(timeout=0.1)
    await bench.subscribe()
    task = await bench.task()
    bench.receiver.hanging = {f"/told/Task/{task}"}
    await bench.told()
    assert [row[3] for row in await bench.rows()] == [1]
    assert await bench.audited() == [("RXP01", "ada", 504)], "it may have been read"
    bench.receiver.hanging = set()
    bench.now.add(60)
    assert await bench.told() == [f"Task/{task} v1"] * 2


async def test_an_answer_without_an_end_is_cut_off(bench) -> None:
    await bench.subscribe()
    bench.receiver.endless = True
    await bench.task()
    await bench.told()
    assert len(bench.receiver.requests) == 1
    assert [row[3] for row in await bench.rows()] == [0]


async def test_a_host_that_is_taken_off_the_register_gets_nothing_more(bench) -> None:
    await bench.subscribe()
    register(bench.hosts.parent, {"A81001": [bench.receiver.host]})
    await bench.task()
    assert await bench.told() == []
    assert [row[3] for row in await bench.rows()] == [1]
    assert await bench.audited() == []


@pytest.mark.parametrize(("options", "told"), [({"private": False}, 0), ({"ca": "endpoint.pem"}, 0), ({}, 1)])
async def test_only_public_addresses_and_trusted_certificates(bench, options, told) -> None:
    register(bench.hosts.parent, {"RXP01": [bench.receiver.host]}, **options)
    if "ca" in options:
        # A file without any authority in it.
        key, _, _ = (bench.hosts.parent / "endpoint.pem").read_text().partition("-----BEGIN CERT")
        (bench.hosts.parent / "endpoint.pem").write_text(key)
    await bench.subscribe()
    await bench.task()
    await bench.told()
    assert len(bench.receiver.requests) == told
    assert [row[3] for row in await bench.rows()] == [1 - told]


async def test_a_page_is_followed_by_the_next(bench) -> None:
    await bench.subscribe()
    tasks = [await bench.task() for _ in range(45)]
    assert await bench.told() == [f"Task/{task} v1" for task in tasks]


async def test_many_subscriptions_of_one_organisation_take_turns(bench) -> None:
    for number in range(12):
        await bench.subscribe(endpoint=f"{bench.receiver.url}/{number}/")
    task = await bench.task()
    bench.receiver.hanging = {f"/{number}/Task/{task}" for number in range(12)}
    await bench.sequenced()
    await bench.dispatcher.turn()
    await bench.receiver.wait_for(8)
    await bench.dispatcher.turn()
    assert len(bench.receiver.requests) == 8
    bench.receiver.released.set()
    assert len(await bench.told()) == 12


async def test_the_purpose_of_the_token_counts(bench) -> None:
    await bench.subscribe()
    async with bench.database.transaction() as connection:
        await connection.execute(
            "UPDATE access SET reason = 'agreement|purpose=TREAT|data=*|' WHERE organisation = 'RXP01'"
        )
    await bench.task()
    assert await bench.told() == [], "the agreement is for treatment, and the token named no purpose"
    async with bench.database.transaction() as connection:
        await connection.execute("UPDATE subscription SET purpose = 'TREAT'")
    task = await bench.task()
    assert await bench.told() == [f"Task/{task} v1"]


async def test_the_clock_is_the_domains_for_access(bench) -> None:
    await bench.subscribe()
    await bench.access("RXP01", until=to_micros(bench.clock.now()) + 1)
    task = await bench.task()
    assert await bench.told() == [f"Task/{task} v1"]
    bench.clock.set(bench.clock.now().replace(hour=9))
    await bench.task()
    assert await bench.told() == [f"Task/{task} v1"]
