"""A person is erased: then no column of any table says who they were, and nothing that comes late brings them back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.canonical import NHS_NUMBER
from tandem.demo.client import FhirClient, Refused, eventually
from tandem.fhir.ownership import SERVICES
from tandem_tests.data_traces import databases, traces
from tandem_tests.erased_person import ORDER, cared_for, complete, die, parameters
from tandem_tests.neighbourhood import MARK
from tandem_tests.running import EmbeddedTandem


async def refused(client: FhirClient, path: str, **given: Any) -> int:
    with pytest.raises(Refused) as refusal:
        await client.call("POST", path, parameters(**given))
    return refusal.value.status


async def test_after_an_erasure_nobody_can_tell_who_it_was(
    new_system: Callable[..., EmbeddedTandem], http: httpx.AsyncClient
) -> None:
    system = new_system()
    here = await cared_for(http, system)
    operator, practice = here.client(http, "operator"), here.client(http, "practice")
    address = f"Patient/{here.person}/$erase"
    words = {here.person, here.nhs_number, MARK}
    assert {path.stem for path in databases(system.data)} >= set(SERVICES)
    held_before = {line.partition(".")[0] for line in traces(system.data, {here.person})}
    assert held_before >= set(SERVICES), "every service holds something, or the test shows nothing"

    assert await refused(practice, address, **ORDER) == 403
    assert await refused(operator, address, **ORDER) == 409, "alive and registered"
    await die(operator, here.person)
    assert await refused(operator, address, **{**ORDER, "grounds": "retention-ended"}) == 422, "not ten years ago"
    assert await refused(operator, address, **{**ORDER, "reason": f"{MARK} asked for it"}) == 422, "it would be kept"
    assert await refused(operator, address, **{**ORDER, "approver": "TEST-OPERATOR"}, user="x") == 400
    assert (await operator.call("POST", f"Patient/{here.person}/$legal-hold", parameters(reason="Inquest")))
    assert await refused(operator, address, **ORDER) == 409, "a hold stands"
    await operator.call("POST", f"Patient/{here.person}/$legal-hold", parameters(release=True))

    counted = await operator.call("POST", address, parameters(**ORDER, dry_run=True))
    by_service = {
        part["part"][0]["valueCode"]: part["part"][1]["valueInteger"]
        for part in counted["parameter"] if part["name"] == "removed"
    }  # fmt: skip
    assert set(by_service) == set(SERVICES)
    assert min(by_service.values()) > 0
    assert (await operator.read(f"Patient/{here.person}"))["id"] == here.person, "a dry run changes nothing"

    await operator.call("POST", address, parameters(**ORDER))
    order = await eventually(lambda: complete(operator), operator.caught_up)
    assert order is not None
    assert await refused(operator, address, **ORDER) == 410, "there is nobody to erase twice"
    await operator.caught_up()
    found = list(traces(system.data, words))
    assert found == [], "\n".join(found)

    with pytest.raises(Refused) as gone:
        await operator.call("PUT", f"Patient/{here.person}", {
            "resourceType": "Patient", "id": here.person, "birthDate": "1934-04-12",
            "identifier": [{"system": NHS_NUMBER, "value": here.nhs_number}],
        })  # fmt: skip
    assert gone.value.status == 410
    with pytest.raises(Refused) as unknown:
        await practice.create({
            "resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject,
        })  # fmt: skip
    assert unknown.value.status == 422
    assert list(traces(system.data, words)) == []
    assert json.dumps(order)
