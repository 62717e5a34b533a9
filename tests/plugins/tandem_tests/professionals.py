"""People who work somewhere, entered by whoever employs them."""

from __future__ import annotations

from typing import Any

from tandem.canonical import PRACTITIONER_QUALIFICATION, STAFF_KIND
from tandem.demo.client import FhirClient


async def professional(
    client: FhirClient, organisation: dict[str, Any], kind: str, *, qualified: str | None = None,
    since: str = "2019-05-01",
) -> str:  # fmt: skip
    """Somebody of a kind of staff, with a qualification of ours since a day: `PractitionerRole/id`."""
    body: dict[str, Any] = {"resourceType": "Practitioner", "name": [{"family": "Okafor"}]}
    if qualified is not None:
        code = {"coding": [{"system": PRACTITIONER_QUALIFICATION, "code": qualified}]}
        body["qualification"] = [{"code": code, "period": {"start": since}}]
    practitioner = await client.create(body)
    role = await client.create({
        "resourceType": "PractitionerRole", "active": True, "organization": organisation,
        "practitioner": {"reference": f"Practitioner/{practitioner['id']}"},
        "code": [{"coding": [{"system": STAFF_KIND, "code": kind}]}],
    })  # fmt: skip
    await client.caught_up()
    return f"PractitionerRole/{role['id']}"
