"""Referrals between the organisations of a neighbourhood, and what the API says of them."""

from __future__ import annotations

from typing import Any

from tandem.canonical import REFERRAL_KIND, REFERRAL_PROGRESS
from tandem.demo.client import FhirClient, eventually
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import MARK, Neighbourhood
from tandem_tests.network_area import values


def referral(here: Neighbourhood, kind: str | None, performer: str | None, **more: Any) -> Resource:
    """A ServiceRequest of the practice for the person; `performer` is a role of the neighbourhood."""
    request: Resource = {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": here.subject,
        "code": {"text": f"Referral of {MARK}"}, "requester": here.reference("practice"),
    }  # fmt: skip
    if kind is not None:
        request["category"] = [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}]
    if performer is not None:
        request["performer"] = [here.reference(performer)]
    return request | more


def identified(value: str, system: str = "urn:sender") -> dict[str, Any]:
    """The business identifier of a sender."""
    return {"identifier": [{"system": system, "value": value}]}


async def task_of(client: FhirClient, request: Resource) -> Resource:
    """The Task of a referral that waits for an answer, once it is there."""
    found = await eventually(
        lambda: client.search(f"Task?focus=ServiceRequest/{request['id']}&status=requested"), client.caught_up
    )
    task: Resource = found[0]
    return task


async def answer(client: FhirClient, task: Resource, *statuses: str, **more: Any) -> Resource:
    """The Task through these statuses; `more` stands in the last version. Everybody knows afterwards."""
    for place, status in enumerate(statuses):
        task = await client.read(f"Task/{task['id']}")
        added = more if place == len(statuses) - 1 else {}
        task = await client.call("PUT", f"Task/{task['id']}", {**task, "status": status, **added})
    await client.caught_up()
    return task


def partly() -> dict[str, Any]:
    """What a Task says that did a part."""
    return {"businessStatus": {"coding": [{"system": REFERRAL_PROGRESS, "code": "partly-fulfilled"}]}}


async def loop(client: FhirClient, request: Resource, query: str = "") -> Resource:
    """`$loop` of a referral."""
    return await client.call("GET", f"ServiceRequest/{request['id']}/$loop{query}")


async def stands(client: FhirClient, request: Resource, query: str = "") -> str:
    """The state that `$loop` says."""
    [state] = values(await loop(client, request, query), "state")
    return str(state)


async def redirect(client: FhirClient, request: Resource, performer: dict[str, Any], reason: str) -> Resource:
    """`$redirect`: the new request."""
    return await client.call("POST", f"ServiceRequest/{request['id']}/$redirect", {
        "resourceType": "Parameters",
        "parameter": [{"name": "performer", "valueReference": performer}, {"name": "reason", "valueString": reason}],
    })  # fmt: skip


async def worklist(client: FhirClient, query: str = "") -> dict[str, str]:
    """What `$worklist` shows: ids of requests and their states, over all pages."""
    found: dict[str, str] = {}
    asked = f"ServiceRequest/$worklist?_count=2{query}"
    after = ""
    while True:
        shown = await client.call("GET", asked + after)
        for each in values(shown, "referral"):
            found[values(each, "request")[0]["reference"].removeprefix("ServiceRequest/")] = values(each, "state")[0]
        following = values(shown, "next")
        if not following:
            return found
        after = f"&after={following[0]}"


def counts(shown: Resource) -> dict[str, int]:
    """The counts of a `$worklist` that are not zero."""
    found = {values(each, "state")[0]: values(each, "referrals")[0] for each in values(shown, "count")}
    return {state: many for state, many in found.items() if many}
