"""The ways to shared decisions and personal health budgets: rows of `isolation_operations`."""

from __future__ import annotations

from itertools import count

from tandem.canonical import FLAG_KIND
from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.neighbourhood import MARK
from tandem_tests.questionnaire_responses import coding, draft_plan, item, response

_NUMBERS = count(1)


async def keep(place: Place, practice: FhirClient) -> None:
    """Decide something with the person, flag a right to a budget, and talk about one."""
    person = place.here.person
    place.kept["budgeted-plan"] = str((await practice.create(draft_plan(person)))["id"])
    situation = {"system": "https://supplier.example/situations", "code": "migraine"}
    await practice.create(
        response(
            "shared-decision", person, "completed", item("situation", situation), item("options", MARK),
            item("preferences", MARK), item("decision", MARK), item("person-view", MARK),
            item("no-tool-reason", "There is none"), authored="2020-06-29",
        )
    )  # fmt: skip
    await practice.create({
        "resourceType": "Flag", "status": "active", "subject": place.here.subject, "period": {"start": "2020-06-15"},
        "code": {"coding": [{"system": FLAG_KIND, "code": "legal-right-to-personal-health-budget"}]},
    })  # fmt: skip
    await practice.create(
        response(
            "personal-health-budget", person, "completed", item("kind", coding("wheelchair")),
            item("legal-right", True), item("outcome", coding("considering")), item("purpose", MARK),
            authored="2020-06-29",
        )
    )  # fmt: skip
    await practice.caught_up()


def _get(address: str, query: str = "") -> None:
    async def ask(asking: Asking) -> str:
        filled = query.replace("@practice", asking.place.here.codes["practice"])
        return await asking.get(address.replace("[id]", asking.place.kept["budgeted-plan"]) + filled)

    OPERATIONS[f"GET {address}"] = ask


async def _publish_situation(asking: Asking) -> str:
    code = {"system": "https://supplier.example/situations", "code": f"rehearsal-{next(_NUMBERS)}"}
    return await asking.post(
        "QuestionnaireResponse/$decision-situations", ("id", code["code"]), ("title", "A rehearsal"), ("code", code),
        ("from", "2090-04-01"), ("source", "A rehearsal"),
    )  # fmt: skip


async def _activate_offer(asking: Asking) -> str:
    asked = (("year", "2090/91"), ("direct", f"no-such-{next(_NUMBERS)}"), ("source", "A rehearsal"))
    return await asking.post("QuestionnaireResponse/$budget-offers", *asked)


_get("QuestionnaireResponse/$shared-decisions", "?practice=@practice&_count=1000")
_get("QuestionnaireResponse/$budget-promotions", "?practice=@practice&_count=1000")
_get("CarePlan/[id]/$budgets")
_get("CarePlan/[id]/$personalised-care")
_get("CarePlan/$personalised-care-model")
_get("QuestionnaireResponse/$decision-situations")
_get("QuestionnaireResponse/$budget-offers")
OPERATIONS["POST QuestionnaireResponse/$decision-situations"] = _publish_situation
OPERATIONS["POST QuestionnaireResponse/$budget-offers"] = _activate_offer
