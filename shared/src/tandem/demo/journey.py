"""The shared-care journey, step by step, as clients of the API would walk it.

Each step does what one organisation does and answers what it then sees. The services tell each other by events alone;
`settle` waits until those under way have been taken. The demo prints the steps and the tests assert on them.
"""

from __future__ import annotations

from typing import Any

from tandem.canonical import CARE_TEAM_ROLE, DMD, ODS_CODE, QUESTIONNAIRE, SNOMED_CT
from tandem.demo.cast import Cast
from tandem.demo.client import Refused, eventually
from tandem.fhir.body import Resource

PLAN_CATEGORY = "2181441000000107"
SOCIAL_PRESCRIBING = "871731000000106"

CIRCUMSTANCES = {
    "dementia": "Familiar faces, short visits, and favourite music in the morning",
    "end-of-life": "To stay at the home, free of pain, with family near",
}


class SharedCareJourney:
    """State of one walk: the references of what came into being."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.plan = ""
        self.task = ""
        self.request = ""
        self.referral_task = ""

    @property
    def person(self) -> dict[str, str]:
        """A Reference to the person."""
        return {"reference": f"Patient/{self.cast.patient}"}

    async def settle(self) -> None:
        """Wait until every service has taken what was committed."""
        await self.cast.practice.caught_up()

    async def who_needs_a_review(self) -> Resource:
        """The practice counts whom each group for a structured medication review would have: a trial of `$identify`."""
        asked = [
            {"name": "service", "valueString": "SMR"},
            {"name": "practice", "valueString": self.cast.practice_code},
            {"name": "dryRun", "valueBoolean": True},
        ]
        return await self.cast.practice.call(
            "POST", "Group/$identify", {"resourceType": "Parameters", "parameter": asked}
        )

    async def on_the_care_home_list(self) -> Resource:
        """The practice asks why the person is on its care home list: the `$explain` Parameters."""
        practice = self.cast.practice
        groups = await eventually(lambda: practice.search("Group?code=care-home-residents"), self.settle)
        for group in groups:
            try:
                return await practice.call("GET", f"Group/{group['id']}/$explain?patient=Patient/{self.cast.patient}")
            except Refused as refused:
                if refused.status != 404:
                    raise
        raise LookupError("the person is on no care home list")

    async def plan_is_opened(self) -> tuple[Resource, Resource]:
        """The practice finds the draft plan and its clocks: CarePlan and the `$clocks` Parameters."""
        query = f"CarePlan?patient=Patient/{self.cast.patient}&category={SNOMED_CT}|{PLAN_CATEGORY}"
        plans = await eventually(lambda: self.cast.practice.search(query), self.settle)
        self.plan = f"CarePlan/{plans[0]['id']}"
        return plans[0], await self.cast.practice.call("GET", f"{self.plan}/$clocks")

    async def practice_contributes(self) -> Resource:
        """The practice names the team, adds the person's own goal and agrees the plan with them: the CarePlan."""
        practice = self.cast.practice
        members = [self.cast.community_reference, self.cast.voluntary_reference, self.cast.pharmacy_reference]
        lead = {"coding": [{"system": CARE_TEAM_ROLE, "code": "responsible-lead"}]}
        team = await practice.create({
            "resourceType": "CareTeam", "status": "active", "subject": self.person,
            "participant": [
                {"role": [lead], "member": await self._somebody_of_the_practice()},
                *({"member": member} for member in [self.cast.practice_reference, *members]),
            ],
        })  # fmt: skip
        wish = self._goal("To walk to the dining room and eat with the others")
        goal = await practice.create({**wish, "expressedBy": self.person})
        await self._say_how_circumstances_are_met()
        plan = await practice.read(self.plan)
        return await practice.patch(
            self.plan,
            [
                {"op": "add", "path": "/careTeam", "value": [{"reference": f"CareTeam/{team['id']}"}]},
                {"op": "add", "path": "/goal", "value": [{"reference": f"Goal/{goal['id']}"}]},
                {"op": "replace", "path": "/status", "value": "active"},
            ],
            plan["meta"]["versionId"],
        )

    async def _somebody_of_the_practice(self) -> dict[str, str]:
        """A Reference to one of the practice's staff, who leads the plan (AC-048)."""
        practice = self.cast.practice
        [own] = await practice.search(f"Organization?identifier={ODS_CODE}|{self.cast.practice_code}")
        staff = await practice.search(f"PractitionerRole?organization=Organization/{own['id']}&_count=1")
        return {"reference": f"PractitionerRole/{staff[0]['id']}"}

    async def _say_how_circumstances_are_met(self) -> None:
        """Answer what the plan is asked for because of dementia or the end of life, if it is (EHCH-044)."""
        shown = await self.cast.practice.call("GET", f"{self.plan}/$quality")
        asked = [each["part"] for each in shown["parameter"] if each["name"] == "thing"]
        things = [{part["name"]: part for part in each} for each in asked]
        missing = {thing["name"]["valueCode"] for thing in things if not thing["present"]["valueBoolean"]}
        items = [
            {"linkId": name, "answer": [{"valueString": text}]}
            for name, text in CIRCUMSTANCES.items() if name in missing
        ]  # fmt: skip
        if items:
            await self.cast.practice.create({
                "resourceType": "QuestionnaireResponse", "status": "completed", "item": items,
                "questionnaire": f"{QUESTIONNAIRE}/personalised-care-and-support-plan", "subject": self.person,
                "basedOn": [{"reference": self.plan}], "author": self.cast.practice_reference,
            })  # fmt: skip

    async def community_contributes(self) -> Resource:
        """The community provider, on the team, adds its goal and its activity to the same plan: the CarePlan."""
        community = self.cast.community
        plan = await eventually(lambda: self._read_if_visible(self.plan), self.settle)
        goal = await community.create(self._goal("Strength and balance exercises three times a week"))
        operations: list[dict[str, Any]] = [
            {"op": "add", "path": "/goal/-", "value": {"reference": f"Goal/{goal['id']}"}},
            {"op": "add", "path": "/activity", "value": [{"detail": {
                "status": "in-progress", "description": "Falls prevention exercises",
                "performer": [self.cast.community_reference],
            }}]},
        ]  # fmt: skip
        return await community.patch(self.plan, operations, plan["meta"]["versionId"])

    async def community_posts_an_action(self) -> Resource:
        """The community provider's system posts a Task by NHS number: the Task."""
        task = await self.cast.community.create({
            "resourceType": "Task", "status": "requested", "intent": "order", "priority": "routine",
            "code": {"text": "Falls assessment at the care home"}, "basedOn": [{"reference": self.plan}],
            "for": self.cast.by_nhs_number, "requester": self.cast.practice_reference,
            "owner": self.cast.community_reference,
        })  # fmt: skip
        self.task = f"Task/{task['id']}"
        return task

    async def community_accepts_and_completes(self) -> tuple[Resource, Refused | None]:
        """Through accepted and in-progress to completed, and then back, which is refused: the Task and the refusal."""
        community = self.cast.community
        for status in ("accepted", "in-progress", "completed"):
            await self._move(community, self.task, status)
        refusal = None
        try:
            await self._move(community, self.task, "accepted")
        except Refused as refused:
            refusal = refused
        return await community.read(self.task), refusal

    async def practice_refers(self) -> tuple[Resource, Resource]:
        """The practice refers to social prescribing, and the referral gets its Task: ServiceRequest and Task."""
        request = await self.cast.practice.create({
            "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": self.person,
            "code": {"coding": [{
                "system": SNOMED_CT, "code": SOCIAL_PRESCRIBING, "display": "Referral to social prescribing service",
            }]},
            "basedOn": [{"reference": self.plan}], "requester": self.cast.practice_reference,
            "performer": [self.cast.voluntary_reference],
        })  # fmt: skip
        self.request = f"ServiceRequest/{request['id']}"
        found = await eventually(lambda: self.cast.practice.search(f"Task?focus={self.request}"), self.settle)
        self.referral_task = f"Task/{found[0]['id']}"
        return request, found[0]

    async def voluntary_completes(self) -> Resource:
        """The voluntary organisation accepts and completes its Task, which closes the referral: the ServiceRequest."""
        await eventually(lambda: self._visible_to(self.cast.voluntary, self.referral_task), self.settle)
        for status in ("accepted", "in-progress", "completed"):
            await self._move(self.cast.voluntary, self.referral_task, status)

        async def closed() -> Resource | None:
            request = await self.cast.practice.read(self.request)
            return request if request["status"] == "completed" else None

        closed_request: Resource = await eventually(closed, self.settle)
        return closed_request

    async def pharmacy_changes_medicines(self) -> tuple[list[str], list[str]]:
        """A community pharmacy states a medicine: the person's current medicines before and after, by display."""
        before = await self._current_medicines()
        await self.cast.pharmacy.create({
            "resourceType": "MedicationStatement", "status": "active", "subject": self.cast.by_nhs_number,
            "medicationCodeableConcept": {
                "coding": [{"system": DMD, "code": "322236009", "display": "Paracetamol 500mg tablets"}],
                "text": "Paracetamol 500mg tablets",
            },
            "informationSource": self.cast.pharmacy_reference, "dateAsserted": "2020-07-02",
            "dosage": [{"text": "Two tablets up to four times a day when needed"}],
        })  # fmt: skip
        return before, await self._current_medicines()

    async def measured(self, organisation: str) -> dict[str, int]:
        """The shared-care MeasureReport for a practice or a network: population code -> count."""
        client = self.cast.network if organisation == self.cast.network_code else self.cast.practice
        await self.settle()
        report = await client.call("GET", f"Measure/shared-care-activity/$evaluate-measure?organisation={organisation}"
                                   "&periodStart=2020-01-01&periodEnd=2030-12-31")  # fmt: skip
        return {
            population["code"]["coding"][0]["code"]: population["count"]
            for group in report["group"] for population in group["population"]
        }  # fmt: skip

    async def _current_medicines(self) -> list[str]:
        bundle = await self.cast.practice.call(
            "GET", f"MedicationStatement/$current?patient=Patient/{self.cast.patient}"
        )
        return [entry["resource"]["medicationCodeableConcept"]["text"] for entry in bundle.get("entry", [])]

    async def _read_if_visible(self, reference: str) -> Resource | None:
        return await self._visible_to(self.cast.community, reference)

    async def _visible_to(self, client: Any, reference: str) -> Resource | None:
        try:
            found: Resource = await client.read(reference)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        return found

    async def _move(self, client: Any, task: str, status: str) -> None:
        current = await client.read(task)
        await client.patch(task, [{"op": "replace", "path": "/status", "value": status}], current["meta"]["versionId"])

    def _goal(self, text: str) -> Resource:
        return {
            "resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": text}, "subject": self.person,
        }  # fmt: skip
