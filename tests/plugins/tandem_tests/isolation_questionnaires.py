"""The ways to what was asked and answered: rows of `isolation_operations`."""

from __future__ import annotations

from itertools import count

from tandem.canonical import SNOMED_CT
from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.neighbourhood import MARK
from tandem_tests.questionnaire_responses import draft_plan, findings, item, pam, response

_NUMBERS = count(1)
_REFERRAL = {"system": SNOMED_CT, "code": "871731000000106", "display": "Referral to social prescribing service"}


async def keep(place: Place, practice: FhirClient) -> None:
    """Make a plan, assess the person for it, measure her activation, and refer her so that another measure is due."""
    person = place.here.person
    plan = await practice.create(draft_plan(person))
    based = {"basedOn": [{"reference": f"CarePlan/{plan['id']}"}]}
    begun = response("holistic-assessment", person, "in-progress", *findings("social", text=MARK), **based)
    place.kept["assessed-plan"], place.kept["assessment"] = plan["id"], (await practice.create(begun))["id"]
    tools = item("self-management", f"Diary of {MARK}")
    await practice.create(response("personalised-care-and-support-plan", person, "completed", tools, **based))
    await practice.create(pam(person, "40", 1, "2018-06-01"))
    await practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": place.here.subject,
        "code": {"coding": [_REFERRAL]}, "authoredOn": "2020-06-29",
    })  # fmt: skip
    await practice.caught_up()


def _get(address: str, kept: str = "", query: str = "") -> None:
    async def ask(asking: Asking) -> str:
        filled = query.replace("@practice", asking.place.here.codes["practice"])
        return await asking.get(address.replace("[id]", asking.place.kept.get(kept, "")) + filled)

    OPERATIONS[f"GET {address}"] = ask


async def _publish(asking: Asking) -> str:
    asked = (("cohort", f"no-such-{next(_NUMBERS)}"), ("from", "2030-04-01"), ("source", "A rehearsal"))
    return await asking.post("QuestionnaireResponse/$pam-cohorts", *asked)


_get("QuestionnaireResponse/[id]/$assessment", "assessment")
_get("CarePlan/[id]/$assessments", "assessed-plan")
_get("CarePlan/[id]/$activation", "assessed-plan")
_get("QuestionnaireResponse/$assessments-due", query="?practice=@practice&_count=1000")
_get("QuestionnaireResponse/$pam-due", query="?practice=@practice&_count=1000")
_get("QuestionnaireResponse/$pam-cohorts")
OPERATIONS["POST QuestionnaireResponse/$pam-cohorts"] = _publish
