"""The ways to case management: rows of `isolation_operations`."""

from __future__ import annotations

from typing import Any

from tandem.canonical import TASK_KIND
from tandem.demo.client import FhirClient
from tandem_tests.hospital_contacts import stay
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place, parameters

_JUNE = "2020-06-20T10:00:00+01:00"


async def keep(place: Place, practice: FhirClient) -> None:
    """An attendance of the person, an arrangement agreed with her, and a case-finding item about her."""
    here = place.here
    await practice.create(stay(here.person, _JUNE, "2020-06-20T12:00:00+01:00", setting="EMER"))
    agreed = ("agreed-with", here.subject)
    sent = parameters(("patient", f"Patient/{here.person}"), ("level", "low"), agreed)
    await practice.call("POST", "Task/$case-management", sent)
    case = await practice.create({
        "resourceType": "Task", "status": "in-progress", "intent": "order", "for": here.subject,
        "code": {"coding": [{"system": TASK_KIND, "code": "case-finding"}]},
    })  # fmt: skip
    place.kept["case-finding"] = case["id"]
    await practice.caught_up()


def _row(name: str, *sent: tuple[str, Any], query: str = "") -> None:
    """A row: `@person` and `@practice` stand for what this place calls them."""
    method, _, address = name.partition(" ")

    async def ask(asking: Asking) -> str:
        place = asking.place
        words = {"@person": f"Patient/{place.here.person}", "@practice": place.here.codes["practice"]}
        path = (address + query).replace("[id]", place.kept["case-finding"])
        for word, meaning in words.items():
            path = path.replace(word, meaning)
        if method == "GET":
            return await asking.get(path)
        return await asking.post(path, *((each, words.get(value, value)) for each, value in sent))

    OPERATIONS[name] = ask


_row("GET Task/$admission-review", query="?practice=@practice&month=2020-06")
_row("POST Task/$admission-review", ("practice", "@practice"), ("month", "2020-06"))
_row("GET Task/$case-management", query="?patient=@person")
_row("POST Task/$case-management", ("patient", "@person"), ("level", "high"))
_row("POST Task/[id]/$decide-case", ("decision", "decline"))
_row("GET Task/$register-reviews")
_row("GET Task/$gp-participation")
