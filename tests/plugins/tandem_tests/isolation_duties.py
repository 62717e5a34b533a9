"""The ways to invitations, engagement, capacity, case registers and extracts: rows of `isolation_operations`."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from tandem.canonical import TASK_KIND
from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place, parameters

_NUMBERS = count(1)
_MEDICINES = "smr-care-home-residents"
_REGISTER = "complex-and-frail"


async def keep(place: Place, practice: FhirClient) -> None:
    """Put the person on the case register, ask for a letter to her, write to her, and make an extract and a return."""
    here = place.here
    entry = [("patient", here.subject), ("source", "clinical-judgement")]
    own = f"Organization/{here.organizations['practice']}"
    await practice.call("POST", f"{own}/$case-register-entry", parameters(("entry", entry)))
    await practice.caught_up()
    await practice.call("POST", f"{own}/$case-register-baseline", parameters())
    [medicines] = await practice.search(f"Group?code={_MEDICINES}")
    [register] = await practice.search(f"Group?code={_REGISTER}")
    person = ("patient", f"Patient/{here.person}")
    await practice.call("POST", f"Group/{medicines['id']}/$invite", parameters(person))
    written = await practice.create(
        {"resourceType": "Communication", "status": "completed", "subject": here.subject, "sent": "2020-06-30"}
    )
    duty = await practice.create({
        "resourceType": "Task", "status": "ready", "intent": "order", "owner": here.reference("practice"),
        "code": {"coding": [{"system": TASK_KIND, "code": "duty"}]}, "description": "Walks for staff",
        "restriction": {"period": {"start": "2020-07-01", "end": "2020-09-30"}},
    })  # fmt: skip
    made = await practice.call("POST", "Group/$extract", parameters(("practice", here.codes["practice"])))
    [extract] = [each["valueId"] for each in made["parameter"] if each["name"] == "extract"]
    place.kept.update(
        medicines=medicines["id"],
        register=register["id"],
        communication=written["id"],
        extract=extract,
        duty=duty["id"],
    )


def _row(name: str, *sent: tuple[str, Any], query: str = "", role: str = "practice", group: str = "") -> None:
    """A row: `name` is how it is called; `role` whose Organization and `group` which list it is asked of.

    In what is sent and in the query `@person` and `@practice` and the like stand for what this place calls them.
    """
    method, _, address = name.partition(" ")

    async def ask(asking: Asking) -> str:
        place, here = asking.place, asking.place.here
        kind = address.partition("/")[0]
        ids = {
            "Group": place.kept[group] if group else place.group, "Communication": place.kept["communication"],
            "Task": place.kept["duty"],
            "Organization": here.organizations[role],
        }  # fmt: skip
        words = {
            "person": f"Patient/{here.person}", "extract": place.kept["extract"], "author": place.author,
            "number": str(next(_NUMBERS)), "day": (date(2030, 1, 1) + timedelta(days=next(_NUMBERS))).isoformat(),
            **here.codes,
        }  # fmt: skip
        path = address.replace("[id]", ids[kind]) + _filled(query, words)
        if method == "GET":
            return await asking.get(path)
        return await asking.post(path, *((each, _filled(value, words)) for each, value in sent))

    OPERATIONS[name] = ask


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [(name, _filled(each, words)) for name, each in value]
    if isinstance(value, dict):
        return {name: _filled(each, words) for name, each in value.items()}
    if isinstance(value, str):
        for word, meaning in words.items():
            value = value.replace(f"@{word}", meaning)
    return value


_PERSON = ("patient", "@person")

_row("POST Communication/[id]/$sent")
_row("POST Group/[id]/$invite", _PERSON, group="medicines")
_row("POST Group/[id]/$mark-invited", _PERSON, group="medicines")
_row("POST Group/[id]/$record-response", _PERSON, ("response", "accepted"), group="medicines")
_row("GET Group/[id]/$offers", query="?status=letter-requested", group="medicines")
_row("GET Organization/[id]/$offers", role="network")
_row("GET Group/[id]/$engagement")
_row("POST Group/[id]/$record-participation", _PERSON, ("outcome", "attended"))
_row("GET Group/$invitation-sequence", query="?cohort=anticipatory-care&_count=1000")
_row(
    "POST Group/$publish-screening-process", ("organisation", "@network"), ("version", "@number"), ("from", "@day"),
    ("step", [("channel", "letter"), ("afterDays", 7)]),
)  # fmt: skip
_row("GET Group/$screening-process")

_row("GET Organization/[id]/$capacity-assumptions", role="network")
_row(
    "POST Organization/[id]/$capacity-assumptions",
    ("figure", [("name", "no-such"), ("value", 1), ("reason", "Walks")]), role="network",
)  # fmt: skip
_row("GET Organization/[id]/$capacity-plan", query="?_count=10", role="network")
_row("GET Organization/[id]/$round-capacity", role="network")
_row("GET Organization/[id]/$offer-rate", role="network")
_row(
    "POST Organization/[id]/$offer-rate", ("percent", 50), ("from", "2020-08-01"), ("until", "2020-09-01"),
    role="network",
)  # fmt: skip

_row("GET Organization/[id]/$case-register")
_row(
    "POST Organization/[id]/$case-register-entry",
    ("entry", [("patient", {"reference": "@person"}), ("source", "clinical-judgement")]),
)
_row("POST Organization/[id]/$case-register-run", ("source", "clinical-judgement"))
_row("POST Organization/[id]/$load-unplanned-admissions-register", ("person", [("patient", {"reference": "@person"})]))
_row("GET Organization/[id]/$case-register-query")
_row("POST Organization/[id]/$case-register-query", ("question", "How were these people found?"))
_row("GET Organization/[id]/$case-register-sign-off")
_row("POST Organization/[id]/$case-register-sign-off")
_row("GET Organization/[id]/$case-register-baseline")
_row("POST Organization/[id]/$case-register-baseline", ("logistics", "Every second Tuesday"))
_row("POST Group/[id]/$assign", _PERSON, ("professional", {"reference": "@author"}), group="register")
_row("GET Group/[id]/$caseload", group="register")

_row("POST Group/$extract", ("practice", "@practice"))
_row("GET Group/$extract-part", query="?extract=@extract&part=1")

_row("POST Task/$give-duties", ("organisation", "@practice"))
_row("GET Task/$duties", query="?organisation=@practice")
_row("POST Task/[id]/$evidence", ("kind", "activity"), ("what", "Every second Tuesday"))
