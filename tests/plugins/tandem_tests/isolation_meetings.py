"""The ways to teams and their meetings: rows of `isolation_operations`. The practice keeps a team with the provider."""

from __future__ import annotations

from typing import Any

from tandem.canonical import CARE_TEAM_CATEGORY, CARE_TEAM_ROLE, MDT_ARRANGEMENT, STAFF_KIND
from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place, parameters
from tandem_tests.neighbourhood import MARK

_START = "2020-07-01T08:00+01:00"
_ROLES = [{"coding": [{"system": CARE_TEAM_ROLE, "code": code}]} for code in ("gp", "key-contact")]


async def keep(place: Place, practice: FhirClient) -> None:
    """A team with a meeting on whose agenda the person is, an action about her, and a key contact."""
    here = place.here
    role = await practice.create({
        "resourceType": "PractitionerRole", "active": True, "practitioner": {"reference": place.author},
        "organization": here.reference("practice"), "code": [{"coding": [{"system": STAFF_KIND, "code": "gp"}]}],
    })  # fmt: skip
    gp = {"reference": f"PractitionerRole/{role['id']}"}
    team = await practice.create({
        "resourceType": "CareTeam", "status": "active", "name": "The team",
        "category": [{"coding": [{"system": CARE_TEAM_CATEGORY, "code": "mdt"}]}],
        "extension": [{"url": MDT_ARRANGEMENT, "extension": [{"url": "list", "valueCode": "anticipatory-care"}]}],
        "participant": [{"member": gp, "role": _ROLES}, {"member": here.reference("community")}],
    })  # fmt: skip
    await practice.caught_up()
    place.kept["meeting-team"], place.kept["meeting-gp"] = f"CareTeam/{team['id']}", gp["reference"]
    team_and_start = parameters(("team", {"reference": place.kept["meeting-team"]}), ("start", _START))
    planned = await practice.call("POST", "Schedule/$plan-meetings", team_and_start)
    [schedule] = [each["valueReference"] for each in planned["parameter"] if each["name"] == "schedule"]
    [meeting] = [each["part"][0]["valueReference"] for each in planned["parameter"] if each["name"] == "meeting"]
    place.kept["meeting-series"] = schedule["reference"].removeprefix("Schedule/")
    place.kept["meeting"] = meeting["reference"].removeprefix("Appointment/")
    await practice.call("POST", f"{meeting['reference']}/$agenda", parameters(("patient", here.subject)))
    of_meeting = f"Task?based-on={meeting['reference']}&patient=Patient/{here.person}"
    [item] = await practice.search(f"{of_meeting}&code=agenda-item")
    about = ("item", {"reference": f"Task/{item['id']}"})
    agreed = [("what", f"Call {MARK}"), ("owner", gp), ("due", "2020-07-08"), about]
    await practice.call("POST", f"{meeting['reference']}/$record", parameters(("action", agreed)))
    [action] = await practice.search(f"{of_meeting}&code=action")
    place.kept["meeting-item"], place.kept["meeting-action"] = item["id"], action["id"]


def _row(name: str, kept: str = "", *sent: tuple[str, Any], query: str = "") -> None:
    """A row: in what is sent `@person` and names of what is kept, with `@` before them, are References."""
    method, _, address = name.partition(" ")

    async def ask(asking: Asking) -> str:
        place = asking.place
        path = address.replace("[id]", place.kept.get(kept, "")) + query.replace("@gp", place.kept["meeting-gp"])
        if method == "GET":
            return await asking.get(path)
        return await asking.post(path, *((each, _filled(value, place)) for each, value in sent))

    OPERATIONS[name] = ask


def _filled(value: Any, place: Place) -> Any:
    if isinstance(value, list):
        return [(name, _filled(each, place)) for name, each in value]
    named = {
        "@person": f"Patient/{place.here.person}", "@team": place.kept["meeting-team"], "@gp": place.kept["meeting-gp"],
        "@item": f"Task/{place.kept['meeting-item']}",
    }  # fmt: skip
    return {"reference": named[value]} if value in named else value


_row("POST Schedule/$plan-meetings", "", ("team", "@team"), ("start", _START))
_row("GET Schedule/[id]/$team", "meeting-series")
_row("GET Schedule/[id]/$people", "meeting-series")
_row("GET Schedule/[id]/$evidence", "meeting-series")
_row("GET Appointment/[id]/$agenda", "meeting")
_row("POST Appointment/[id]/$agenda", "meeting", ("most", 5))
_row("GET Appointment/[id]/$record", "meeting")
_row("POST Appointment/[id]/$record", "meeting", ("item", [("task", "@item"), ("discussion", f"Of {MARK}")]))
_row("POST Appointment/$open-session", "", ("patient", "@person"), ("start", _START), ("participant", "@gp"))
_row("GET Task/$actions", query="?by=@gp")
_row("POST Task/[id]/$chase", "meeting-action", ("by", "@gp"))
