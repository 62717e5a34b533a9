"""One home round from its plan to its end; the domain clock stands at 09:00 on `TODAY`."""

from __future__ import annotations

import pytest

from tandem.demo.client import Refused
from tandem_tests.home_rounds import RoundHome, told
from tandem_tests.network_area import parameters, part, values

SERIES = "2020-11-17"
TODAY = "2020-12-02"


async def round_from_plan_to_end(home: RoundHome) -> None:
    """A home whose series began on `SERIES`, on `TODAY`: rounds are planned, one is begun, recorded and finished."""
    patient = await home.resident()
    flag = await home.flag(patient, "Has eaten little since Sunday")
    plan = parameters(
        part("home", valueReference=home.area.reference("elms")), part("start", valueDateTime=f"{TODAY}T08:30+00:00"),
        part("weeks", valueInteger=4), part("leader", valueReference={"reference": home.staff["nurse"]}),
        part("member", valueReference={"reference": home.staff["physiotherapist"]}),
    )  # fmt: skip
    planned = await home.network.call("POST", "Schedule/$plan-rounds", plan)
    rounds = [told(each) for each in values(planned, "round")]
    assert [each["start"] for each in rounds] == [
        "2020-12-02T08:30:00+00:00", "2020-12-09T08:30:00+00:00", "2020-12-16T08:30:00+00:00",
        "2020-12-23T08:30:00+00:00",
    ]  # fmt: skip
    assert [each["counts"] for each in rounds] == [True] * 4
    assert any("No round led by a GP for 14 days" in each for each in values(planned, "warning"))
    again = await home.network.call("POST", "Schedule/$plan-rounds", plan)
    assert values(again, "round") == values(planned, "round")

    appointment = rounds[0]["appointment"]["reference"].removeprefix("Appointment/")
    early = part("patient", valueString=f"Patient/{patient}")
    with pytest.raises(Refused) as not_begun:
        await home.take(appointment, "record", early, part("note", valueString="x"))
    assert not_begun.value.status == 422
    await home.take(appointment, "start")
    review = await home.take(
        appointment,
        "record",
        early,
        part("note", valueString="Mouth is sore"),
        part("action", valueString="Dentist"),
        part("action-owner", valueReference={"reference": home.staff["nurse"]}),
        part("action-due", valueDate="2020-12-09"),
    )
    assert review["note"][0]["text"] == "Mouth is sore"
    [action] = await home.network.search(f"Task?part-of=Task/{review['id']}")
    assert (action["status"], action["restriction"]["period"]["end"]) == ("requested", "2020-12-09")
    closed = await home.network.read(f"Task/{flag}")
    assert closed["status"] == "completed"
    assert closed["output"][-1]["valueReference"]["reference"] == f"Task/{review['id']}"
    with pytest.raises(Refused) as unknown:
        await home.take(appointment, "finish", part("present", valueReference={"reference": home.staff["gp"]}))
    assert "is a participant of the round" in unknown.value.text
    finished = await home.take(
        appointment, "finish", part("present", valueReference={"reference": home.staff["nurse"]})
    )
    assert (values(finished, "counts"), values(finished, "gp-led")) == ([True], [False])
    assert values(finished, "policy") == ["1"]
    [late] = values(finished, "warning")
    assert "No round led by a GP for 14 days from 2020-11-17 on: breached on 2020-12-02" in late
    [done] = values(finished, "appointment")
    assert done["status"] == "fulfilled"
    assert [each["status"] for each in done["participant"]] == ["accepted", "declined"]
    with pytest.raises(Refused) as reopened:
        await home.network.call("PUT", f"Appointment/{appointment}", {**done, "status": "booked"})
    assert "cannot go from 'fulfilled' to 'booked'" in reopened.value.text
