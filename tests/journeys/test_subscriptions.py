"""A community provider is told of the work that is given to it, instead of asking again and again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tandem.canonical import ODS_CODE
from tandem.demo.client import FhirClient, eventually
from tandem_tests.https_receiver import Receiver, receiving
from tandem_tests.isolation_operations import parameters
from tandem_tests.isolation_subscriptions import register_host
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.running import EmbeddedTandem


@pytest.fixture
async def endpoint(tmp_path: Path) -> AsyncIterator[Receiver]:
    """The provider's own endpoint."""
    async with receiving(tmp_path) as receiver:
        yield receiver


def subscription(here: Neighbourhood, endpoint: Receiver, **changes: Any) -> dict[str, Any]:
    """What the provider asks for: every Task of which it is the owner."""
    channel = {"type": "rest-hook", "endpoint": f"{endpoint.url}/fhir", "payload": "application/fhir+json"}
    return {
        "resourceType": "Subscription", "status": "requested", "reason": "Work for the community team",
        "criteria": f"Task?owner:identifier={ODS_CODE}|{here.codes['community']}",
        "channel": channel | {"header": ["Authorization: Bearer of-the-community-team"]}, **changes,
    }  # fmt: skip


async def give(client: FhirClient, here: Neighbourhood, what: str, owner: str = "community", **more: Any) -> str:
    """The practice gives a Task about the person: its id."""
    made = await client.create({
        "resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject, "code": {"text": what},
        "requester": here.reference("practice"), "owner": here.reference(owner), **more,
    })  # fmt: skip
    return str(made["id"])


@pytest.mark.on_six_processes
async def test_a_provider_is_told_of_its_tasks_and_of_nobody_elses(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, endpoint: Receiver, tmp_path: Path
) -> None:
    here = await settle_in(http, embedded)
    practice, provider = here.client(http, "practice"), here.client(http, "community")

    # Nobody is sent anything before an operator has registered where to.
    refused = await provider.request("POST", "Subscription", subscription(here, endpoint))
    assert refused.status_code == 422
    assert refused.json()["issue"][0]["expression"] == ["Subscription.channel.endpoint"]
    register_host(embedded.data, here.codes["community"], endpoint.host, private=True, ca=str(tmp_path / "ca.pem"))
    made = await provider.request("POST", "Subscription", subscription(here, endpoint))
    assert made.status_code == 201, made.text
    secret, path = made.headers["Tandem-Subscription-Secret"], f"Subscription/{made.json()['id']}"

    async def active() -> bool:
        return bool((await provider.read(path))["status"] == "active")

    await eventually(active, practice.caught_up)

    task = await give(practice, here, "Falls assessment at home")
    await give(practice, here, "Coffee morning", owner="voluntary")
    [told] = await endpoint.wait_for(1)
    assert (told.method, told.path) == ("PUT", f"/fhir/Task/{task}")
    assert told.headers["authorization"] == "Bearer of-the-community-team"
    assert told.resource["code"]["text"] == "Falls assessment at home"
    signed = f"{told.headers['webhook-id']}.{told.headers['webhook-timestamp']}.".encode() + told.body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert told.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"

    # It accepts, and is told of that too; an endpoint that fails is told again.
    endpoint.statuses = [503]
    await provider.call("PUT", f"Task/{task}", told.resource | {"status": "accepted"})
    _, failed, again = await endpoint.wait_for(3)
    assert failed.headers["webhook-id"] == again.headers["webhook-id"]
    assert again.resource["status"] == "accepted"

    # A replay tells all of it once more, in order.
    await provider.call("POST", f"{path}/$replay", parameters(("from", int(told.headers["tandem-position"]))))
    *_, first, second = await endpoint.wait_for(5)
    assert [each.resource["status"] for each in (first, second)] == ["requested", "accepted"]

    # The person's practice finds in its audit trail what left the house.
    trail = await practice.call("GET", f"AuditEvent?patient=Patient/{here.person}&_count=1000")
    notified = [each["resource"] for each in trail["entry"] if "$notify" in json.dumps(each["resource"]["subtype"])]
    assert {each["outcome"] for each in notified} == {"0", "8"}
    assert here.codes["community"] in json.dumps(notified[0]["agent"])

    # The others know nothing of it.
    for role in ("practice", "other", "network", "partless"):
        other = here.client(http, role)
        assert (await other.request("GET", path)).status_code == 404
        assert await other.search("Subscription") == []
    assert [each["id"] for each in await provider.search("Subscription?status=active")] == [made.json()["id"]]


async def test_when_sharing_ends_nothing_more_is_told(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, endpoint: Receiver, tmp_path: Path
) -> None:
    here = await settle_in(http, embedded)
    practice, provider = here.client(http, "practice"), here.client(http, "community")
    register_host(embedded.data, here.codes["community"], endpoint.host, private=True, ca=str(tmp_path / "ca.pem"))
    await provider.create(subscription(here, endpoint, criteria="Task?status=requested"))
    told = await give(practice, here, "Blood pressure at home")
    await endpoint.wait_for(1)

    agreement = await practice.read(f"OrganizationAffiliation/{here.agreement}")
    await practice.call("PUT", f"OrganizationAffiliation/{here.agreement}", agreement | {"active": False})
    await practice.caught_up()
    await give(practice, here, "Something private")
    about_nobody = {"resourceType": "Task", "status": "requested", "intent": "order"}
    mine = await provider.create(about_nobody)
    requests = await endpoint.wait_for(2)
    assert [each.path for each in requests] == [f"/fhir/Task/{told}", f"/fhir/Task/{mine['id']}"]
