"""The review of her medicines, the meeting with its action, the referral, and the stay in hospital."""

from __future__ import annotations

from tandem.canonical import TASK_KIND
from tandem_tests.first_month import FirstMonth
from tandem_tests.first_month_arrival import MEDICINES
from tandem_tests.mdt_meetings import CLOSE, action, reference, said, shown
from tandem_tests.medication_reviews import POLYPHARMACY, STEPS, decision
from tandem_tests.network_area import part, values
from tandem_tests.questionnaire_responses import item, response

DECIDED = {"Zopiclone 3.75mg tablets": ("stop", "She falls at night"),
           "Furosemide 40mg tablets": ("change", "Dizzy when she stands up")}  # fmt: skip

# The review of her medicines.


async def begin_review(story: FirstMonth) -> None:
    """The pharmacist of the network begins."""
    review = await story.post(
        "northern", "CarePlan/$start-medication-review", part("patient", valueReference=story.subject),
        part("clinician", valueReference=reference(story.staff["pharmacist"])),
        part("reason", valueCoding=POLYPHARMACY),
    )  # fmt: skip
    story.known["review"] = f"Composition/{review['id']}"


async def decide(story: FirstMonth) -> None:
    """A decision for each of the fourteen, the steps, and what was decided together."""
    rows = []
    for medicine in MEDICINES:
        said_of, reason = DECIDED.get(medicine[1], ("continue", None))
        more = {"dosage": "20mg in the morning"} if said_of == "change" else {}
        rows.append(decision(medicine, said_of, reason, **more))
    steps = [part("step", part("code", valueString=each)) for each in STEPS]
    address = f"{story.known['review']}/$decide"
    await story.together(
        lambda: story.post("northern", address, *rows[:7]), lambda: story.post("northern", address, *rows[7:]),
        lambda: story.post("northern", address, *steps), lambda: _shared_decision(story),
    )  # fmt: skip


async def _shared_decision(story: FirstMonth) -> None:
    review = await story.client("northern").read(f"{story.known['review']}/$medication-review")
    await story.enter("northern", "shared-decision", response(
        "shared-decision", story.person, "completed", item("situation", POLYPHARMACY), item("options", "Stop", "Go on"),
        item("preferences", "Fewer tablets"), item("decision", "Stop the sleeping tablet"),
        item("no-tool-reason", "No tool exists for this"), basedOn=values(review, "process"),
    ))  # fmt: skip


async def complete_review(story: FirstMonth) -> None:
    """It ends with a day for the follow-up."""
    await story.post("northern", f"{story.known['review']}/$complete", part("followUp", valueDate="2021-02-05"))


# The meeting, its action, and the referral.


async def meet(story: FirstMonth) -> None:
    """The meeting discusses her, gives the trust an action, and is closed."""
    meeting = story.known["meeting"]
    agenda = await story.post("north", f"{meeting}/$agenda", part("patient", valueReference=story.subject))
    [entry] = shown(agenda, "item")
    task = entry["task"][0]["reference"]
    there = [part("attended", valueReference=reference(story.staff[each])) for each in ("gp", "nurse", "palliative")]
    await story.together(
        lambda: story.post("north", f"{meeting}/$record", *there),
        lambda: story.post("trust", f"{meeting}/$record", said(
            task, discussion="Walks with one person", decision="Begin strength exercises", by=story.staff["nurse"])),
        lambda: story.post("northern", f"{meeting}/$record", action(
            "Strength exercises in the home", story.area.reference("trust"), "2020-11-18", task)),
    )  # fmt: skip
    await story.post("north", f"{meeting}/$record", CLOSE)
    story.known["action"] = await task_about(story, "northern", f"part-of={task}")


async def refer(story: FirstMonth) -> None:
    """The practice refers her to the trust's falls service."""
    await story.enter("northern", "referral", {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": story.subject,
        "basedOn": [reference(story.plan)], "code": {"text": "Falls assessment"}, "authoredOn": "2020-11-12",
        "requester": story.area.reference("northern"), "performer": [story.area.reference("trust")],
    })  # fmt: skip


async def accept(story: FirstMonth, task: str) -> None:
    """The trust takes a Task on."""
    await story.move("trust", task, "accepted")


async def finish(story: FirstMonth, task: str, outcome: str) -> None:
    """The trust does it, and says what came of it."""
    output = [{"type": {"text": "outcome"}, "valueString": outcome}]
    await story.move("trust", task, "in-progress", "completed", output=output)


async def task_about(story: FirstMonth, client: str, search: str) -> str:
    """The one Task that a search finds."""
    await story.caught_up()
    [found] = await story.client(client).search(f"Task?{search}")
    return f"Task/{found['id']}"


# The hospital, and after it.


async def in_hospital(story: FirstMonth) -> None:
    """The practice files the stay."""
    await story.enter("northern", "hospital", {
        "resourceType": "Encounter", "status": "finished", "subject": story.subject,
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "period": {"start": "2020-11-14T22:00:00+00:00", "end": "2020-11-17T11:00:00+00:00"},
    })  # fmt: skip


async def follow_up(story: FirstMonth) -> None:
    """The co-ordinator sees her after the discharge, within two days."""
    due = await task_about(story, "north", f"patient={story.person}&code={TASK_KIND}|follow-up")
    output = [{"type": {"text": "outcome"}, "valueString": "Seen; walks as before"}]
    await story.move("north", due, "accepted", "in-progress", "completed", output=output)
