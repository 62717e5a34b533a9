"""A person whose NHS number was replaced is erased: what names the number they had goes with the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tandem.canonical import NHS_NUMBER
from tandem.demo.client import FhirClient, eventually
from tandem.fhir.body import Resource
from tandem.fhir.ownership import SERVICES
from tandem_tests.data_traces import traces
from tandem_tests.erased_person import DIABETES, ORDER, complete, die, parameters
from tandem_tests.neighbourhood import free_nhs_number, settle_in
from tandem_tests.running import EmbeddedTandem


def records_of_a_neighbour(neighbour: str, number: str) -> list[Resource]:
    """A record in each service of somebody else, in which a number of hers stands in a text."""
    subject, note = {"reference": f"Patient/{neighbour}"}, [{"text": f"Sister is NHS {number}."}]
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
    return [
        {"resourceType": "Condition", "subject": subject, "code": DIABETES, "note": note},
        {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": subject, "note": note},
        {"resourceType": "Task", "status": "requested", "intent": "order", "for": subject,
         "description": f"Ring the sister, {spaced}", "authoredOn": "2020-05-06T09:00:00+01:00"},
        {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": subject,
         "code": {"text": "Falls clinic"}, "authoredOn": "2020-04-05", "note": note},
        {"resourceType": "MeasureReport", "status": "complete", "type": "individual", "subject": subject,
         "measure": "https://tandem.example/fhir/Measure/wellbeing", "date": "2020-06-07",
         "identifier": [{"value": number}], "period": {"start": "2020-01-01", "end": "2020-06-01"}},
    ]  # fmt: skip


def rows_here(said: Resource) -> int:
    """How many rows cohort-service says went, in the answer to an order or in the list of orders."""
    [here] = [
        part["part"] for part in said.get("part") or said["parameter"]
        if part["name"] in ("answered", "removed") and part["part"][0]["valueCode"] == "cohort-service"
    ]  # fmt: skip
    rows: int = here[1]["valueInteger"]
    return rows


async def replace_number(client: FhirClient, person: str, number: str) -> None:
    patient: dict[str, Any] = await client.read(f"Patient/{person}")
    identifiers = [each for each in patient["identifier"] if each["system"] != NHS_NUMBER]
    await client.call("PUT", f"Patient/{person}", {
        **patient, "identifier": [*identifiers, {"system": NHS_NUMBER, "value": number}],
    })  # fmt: skip
    await client.caught_up()


async def test_the_number_that_was_replaced_goes_everywhere(
    new_system: Callable[..., EmbeddedTandem], http: httpx.AsyncClient
) -> None:
    system = new_system()
    here = await settle_in(http, system)
    operator, other = here.client(http, "operator"), here.client(http, "other")
    before, now = here.nhs_number, free_nhs_number()
    await replace_number(here.client(http, "practice"), here.person, now)
    for record in records_of_a_neighbour(here.neighbour, before):
        await other.create(record)
    await other.caught_up()
    words = {here.person, before, now, f"{before[:3]} {before[3:6]} {before[6:]}"}
    named = {line.partition(".")[0] for line in traces(system.data, words - {here.person, now})}
    assert named >= set(SERVICES), "every service holds the number she had, or the test shows nothing"

    await die(operator, here.person)
    given = await operator.call("POST", f"Patient/{here.person}/$erase", parameters(**ORDER))
    order = await eventually(lambda: complete(operator), operator.caught_up)
    assert order is not None
    await operator.caught_up()
    found = list(traces(system.data, words))
    assert found == [], "\n".join(found)
    assert rows_here(order) > rows_here(given), "the list counts what the log lost later too"
    assert (await other.read(f"Patient/{here.neighbour}"))["id"] == here.neighbour
