"""Quarterly reports of practices to their commissioner: calendar, figures, words, gaps, comparison (003 §3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tandem.canonical import AFFILIATION_ROLE
from tandem.demo.client import Refused
from tandem_tests.case_register import entry
from tandem_tests.coordinated_care import (
    BEFORE_THE_SCHEME,
    INDICATORS,
    OUTCOMES,
    CoordinatedCare,
    additional,
    benefits,
    by_name,
    coordinated_care,
    intervention,
    issues,
    named,
    statements,
)
from tandem_tests.mdt_meetings import CLOSE, action, meetings, said, shown
from tandem_tests.network_area import parameters, part
from tandem_tests.questionnaire_responses import item, pam, response
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import agreed_plan, new_plan

NewSystem = Callable[..., EmbeddedTandem]
FIRST, SECOND = "2016-12-31", "2017-03-31"
AUTUMN = "2016-10-12"
REPORT = "MeasureReport/$practice-report"
SUBMIT = part("submit", valueBoolean=True)


@pytest.fixture(scope="module")
def autumn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """A system whose clock stands in the first quarter of the scheme."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("autumn"), "--clock", f"{AUTUMN}T09:00:00+01:00")
    system.start()
    yield system
    system.stop()


@pytest.fixture
async def care(new_system: NewSystem, http: httpx.AsyncClient) -> CoordinatedCare:
    """A practice and its commissioner before the scheme begins, on a system whose clock the test may move."""
    return await coordinated_care(http, new_system("--clock", f"{BEFORE_THE_SCHEME}T09:00:00+01:00"))


async def refused_report(care: CoordinatedCare, period: str, *rows: dict[str, Any]) -> Refused:
    return await care.refusal("practice", REPORT, part("period", valueDate=period), *rows)


async def sign_off(care: CoordinatedCare) -> None:
    """The practice puts somebody on its register, and the commissioner agrees it."""
    await care.register.enter(await care.register.lists.register())
    used = part("profileUse", valueString="Everybody with several conditions was seen")
    await care.register.post("practice", "case-register-sign-off", used)
    agree = (part("version", valueInteger=1), part("decision", valueCode="agree"))
    await care.register.post("commissioner", "case-register-sign-off", *agree)
    await care.register.lists.client.caught_up()


@pytest.mark.requirement("PCPC-093")
async def test_reports_fall_due_every_three_months_and_are_overdue_the_next_day(care: CoordinatedCare) -> None:
    async def states() -> dict[str, str]:
        calendar = by_name(await care.get("commissioner", "MeasureReport/$reporting-calendar"))
        rows = [by_name(each) for each in calendar["report"]]
        return {each["due"][0]: each["state"][0] for each in rows}

    days = (FIRST, SECOND, "2017-06-30", "2017-09-30", "2017-12-31", "2018-03-31")
    assert await states() == dict.fromkeys(days, "upcoming")
    await care.move_to(FIRST)
    assert (await states())[FIRST] == "due"
    await care.move_to("2017-01-01")
    assert [day for day, state in (await states()).items() if state == "overdue"] == [FIRST]
    await care.complete(FIRST)
    assert (await states())[FIRST] == "submitted"


@pytest.mark.requirement("PCPC-001")
async def test_the_scheme_has_its_days_and_what_lies_outside_is_in_no_report(care: CoordinatedCare) -> None:
    scheme = by_name(await care.client("practice").call("GET", "Measure/$scheme"))
    assert (scheme["from"], scheme["until"]) == (["2016-10-01"], ["2018-03-31"])
    person = await care.register.lists.register()
    await care.register.enter(person)
    for day in ("2016-09-14", "2016-10-03"):
        await care.move_to(day)
        await care.register.lists.admit_to_hospital(person, day)
    await care.register.lists.client.caught_up()
    await care.move_to(FIRST)
    admissions = named((await care.report(FIRST))["indicator"], "emergency-admissions")
    [figure] = [by_name(each) for each in admissions["figure"]]
    assert [float(each) for each in figure["value"]] == [1], "the admission of September lies before the scheme"
    for day in ("2016-09-30", "2018-06-30"):
        refused = await refused_report(care, day)
        assert refused.status == 422
        assert "2016-10-01 to 2018-03-31" in refused.text


@pytest.mark.requirement("PCPC-094")
async def test_every_indicator_is_prefilled_and_a_report_without_one_is_refused(care: CoordinatedCare) -> None:
    await sign_off(care)
    await care.move_to(FIRST)
    report = await care.report(FIRST)
    rows = {each["name"][0]: each for each in map(by_name, report["indicator"])}
    assert set(rows) == set(INDICATORS)
    figure = by_name(rows["register-reviewed"]["figure"][0])
    assert figure["period"] == [{"start": "2016-10-01", "end": FIRST}]
    assert [float(figure[name][0]) for name in ("numerator", "denominator", "value")] == [0, 1, 0]
    signed = by_name(rows["register-signed-off"]["figure"][0])
    assert (float(signed["value"][0]), signed["date"]) == (1, [BEFORE_THE_SCHEME])

    refused = await refused_report(care, FIRST, additional("Planned visits"), *benefits(*OUTCOMES), SUBMIT)
    assert refused.status == 422
    without = {name for name, each in rows.items() if "figure" not in each}
    assert set(issues(refused)) == {f"indicator:{each}" for each in without}
    assert "confidence" in without, "nobody was asked, and no answer is not nought"
    assert "intervention" not in await care.report(FIRST), "nothing of a refused report is kept"
    await care.complete(FIRST)
    assert (await care.report(FIRST, "commissioner"))["state"] == ["submitted"]
    late = await refused_report(care, FIRST, additional("Something else"))
    assert late.status == 409, "a submitted report is kept as it was"


@pytest.mark.requirement("PCPC-027")
async def test_an_intervention_says_how_it_exceeds_core_and_admission_services(care: CoordinatedCare) -> None:
    refused = await refused_report(
        care, FIRST, intervention("Planned visits", beyondCore="Core services have no such visits")
    )
    assert refused.status == 422
    assert "Planned visits is additional when it says how it goes beyond the AUA enhanced service" in refused.text
    await care.write(FIRST, additional("Planned visits"))
    shown_ = named((await care.report(FIRST))["intervention"], "Planned visits")
    assert shown_["additional"] == [True]
    assert shown_["beyondCore"]
    assert shown_["beyondAdmissionsScheme"]


@pytest.mark.requirement("PCPC-095")
async def test_interventions_without_how_they_add_are_refused_each_by_name(care: CoordinatedCare) -> None:
    await care.move_to(FIRST)
    lacking = [intervention(each, beyondAdmissionsScheme="For people without an admission")
               for each in ("Planned visits", "Joint clinics")]  # fmt: skip
    refused = await refused_report(
        care, FIRST, *lacking, additional("A carers' group"), *benefits(*OUTCOMES), *statements(*INDICATORS), SUBMIT
    )
    texts = list(issues(refused).values())
    assert refused.status == 422
    assert [any(name in text for text in texts) for name in ("Planned visits", "Joint clinics", "A carers' group")] == [
        True, True, False
    ]
    assert all("core GMS/PMS" in text for text in texts)


@pytest.mark.requirement("PCPC-096")
async def test_feedback_of_patients_families_and_carers_stands_under_its_intervention(care: CoordinatedCare) -> None:
    def feedback(giver: str, said_: str, on: str = "Planned visits") -> dict[str, Any]:
        return part("feedback", part("intervention", valueString=on), part("from", valueCode=giver),
                    part("text", valueString=said_))  # fmt: skip

    given = (("patient", "I know who comes"), ("family", "We sleep at night"), ("carer", "Somebody asked me"))
    await care.write(FIRST, additional("Planned visits"), additional("Joint clinics"),
                     *(feedback(*each) for each in given))  # fmt: skip
    for row in (feedback("neighbour", "Nice"), feedback("patient", "Nice", on="No such thing"),
                feedback("patient", "See Patient/4")):  # fmt: skip
        assert (await refused_report(care, FIRST, row)).status == 422
    rows = (await care.report(FIRST))["intervention"]
    found = [by_name(each) for each in named(rows, "Planned visits")["feedback"]]
    assert [(each["from"][0], each["text"][0]) for each in found] == list(given)
    assert "feedback" not in named(rows, "Joint clinics")


@pytest.mark.requirement("PCPC-097")
async def test_a_report_without_a_benefit_or_quality_of_an_outcome_is_refused(care: CoordinatedCare) -> None:
    await sign_off(care)
    await care.move_to(FIRST)
    half = part("outcome", part("name", valueString="quality-of-life"), part("benefit", valueString="More walks"))
    refused = await refused_report(
        care, FIRST, additional("Planned visits"), *benefits(*OUTCOMES[:4]), half, *statements(*INDICATORS), SUBMIT
    )
    told = [(each["expression"][0], each["diagnostics"]) for each in refused.outcome["issue"]]
    assert refused.status == 422
    assert [name for name, _ in told] == ["outcome:quality-of-life", *["outcome:disease-impact"] * 2]
    assert "quality of care" in told[0][1]
    await care.write(FIRST, *benefits("high-quality-of-care"))
    outcome = named((await care.report(FIRST))["outcome"], "high-quality-of-care")
    assert outcome["benefit"] == ["Fewer calls at night"]
    figures = {by_name(each)["measure"][0]: float(by_name(each)["value"][0]) for each in outcome["figure"]}
    assert figures["register-reviewed"] == 0, "the figure stands beside what is told"


@pytest.mark.requirement("PCPC-098")
async def test_reports_follow_the_template_and_a_comparison_has_the_same_columns_for_all(
    care: CoordinatedCare,
) -> None:
    operator = care.client("operator")
    await operator.create({
        "resourceType": "OrganizationAffiliation", "active": True, "organization": care.here.reference("commissioner"),
        "participatingOrganization": care.here.reference("other"),
        "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "member"}]}],
    })  # fmt: skip
    await operator.caught_up()
    question = part("question", part("name", valueString="staff"), part("text", valueString="Who was taken on?"))
    template = parameters(part("from", valueDate="2016-10-01"), question)
    with pytest.raises(Refused) as refused:
        await care.client("practice").call("POST", "MeasureReport/$report-template", template)
    assert refused.value.status == 403
    await care.client("commissioner").call("POST", "MeasureReport/$report-template", template)

    await care.move_to(FIRST)
    gaps = [by_name(each)["what"][0] for each in (await care.report(FIRST))["gap"]]
    assert "question:staff" in gaps
    answer = part("answer", part("name", valueString="staff"), part("answer", valueString="A nurse"))
    await care.write(FIRST, answer)
    await care.complete(FIRST)
    compared = by_name(await care.client("commissioner").call(
        "GET", f"MeasureReport/$compare-practice-reports?period={FIRST}"
    ))  # fmt: skip
    columns = compared["column"]
    assert columns == [*(f"indicator:{each}" for each in INDICATORS), "interventions",
                       *(f"outcome:{each}" for each in OUTCOMES), "question:staff"]  # fmt: skip
    rows = [by_name(each) for each in compared["practice"]]
    assert sorted(each["state"][0] for each in rows) == ["due", "submitted"]
    for row in rows:
        assert [by_name(each)["column"][0] for each in row["cell"]] == columns
    [submitted] = [each for each in rows if each["state"] == ["submitted"]]
    assert by_name(submitted["cell"][-1])["text"] == ["A nurse"]
    with pytest.raises(Refused) as refused:
        await care.client("practice").call("GET", f"MeasureReport/$compare-practice-reports?period={FIRST}")
    assert refused.value.status == 404


@pytest.mark.requirement("PCPC-092")
async def test_system_indicators_stand_apart_and_enter_no_payment(care: CoordinatedCare) -> None:
    report = await care.report(FIRST)
    system = [by_name(each) for each in report["system-indicator"]]
    assert [each["attributable"] for each in system] == [[False]] * 6
    assert not {each["name"][0] for each in system} & {by_name(each)["name"][0] for each in report["indicator"]}
    gaps = [by_name(each)["what"][0] for each in report["gap"]]
    assert not [each for each in gaps if each.removeprefix("indicator:") in {one["name"][0] for one in system}]
    page = await care.client("practice").request(
        "GET", f"{REPORT}?practice={care.practice}&period={FIRST}&_format=text/html"
    )
    assert "not attributed to the practice and enter no payment" in page.text
    await care.move_to(SECOND)
    await care.complete(FIRST)
    await care.complete(SECOND)
    schedule = by_name(await care.get("practice", "Measure/$payment-schedule"))
    assert by_name(schedule["qualification"][0]) == {"qualified": [True]}, "without one system indicator"


@pytest.mark.requirement("PCPC-074")
async def test_a_signed_register_shows_its_date_and_an_unsigned_one_does_not(care: CoordinatedCare) -> None:
    async def indicator() -> dict[str, list[Any]]:
        row = named((await care.report(FIRST, "commissioner"))["indicator"], "register-signed-off")
        return by_name(row["figure"][0])

    before = await indicator()
    assert (float(before["value"][0]), "date" in before) == (0, False)
    await sign_off(care)
    after = await indicator()
    assert (float(after["value"][0]), after["date"]) == (1, [BEFORE_THE_SCHEME])


@pytest.mark.requirement("PCPC-076")
async def test_caseloads_add_up_to_the_register_and_who_has_nobody_is_shown(care: CoordinatedCare) -> None:
    people = [await care.register.lists.register() for _ in range(3)]
    await care.register.enter(*people)
    practice = care.client("practice")
    [group] = await practice.search("Group?code=complex-and-frail")
    nurse = await practice.create({"resourceType": "Practitioner", "active": True})
    for each in people[:2]:
        named_one = part("professional", valueReference={"reference": f"Practitioner/{nurse['id']}"})
        body = parameters(part("patient", valueString=f"Patient/{each}"), named_one)
        await practice.call("POST", f"Group/{group['id']}/$assign", body)
    await practice.caught_up()
    caseload = by_name(await practice.call("GET", f"Group/{group['id']}/$caseload"))
    [professional] = [by_name(each) for each in caseload["professional"]]
    assert professional["count"] == [2]
    assert caseload["without-professional-count"] == [1]
    assert caseload["without-professional"] == [{"reference": f"Patient/{people[2]}"}]

    await care.move_to(FIRST)
    figure = by_name(named((await care.report(FIRST))["indicator"], "named-professionals")["figure"][0])
    assert [float(figure[name][0]) for name in ("numerator", "denominator")] == [2, 3]


@pytest.mark.on_six_processes
@pytest.mark.requirement("PCPC-075")
async def test_the_share_of_the_register_that_was_reviewed_in_the_period(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    practice, here = made.client("practice"), made.practice.here
    people = [await made.practice.register() for _ in range(5)]
    path = f"Organization/{here.organizations['practice']}/$case-register-entry"
    await practice.call("POST", path, parameters(*(entry(each, "clinical-judgement") for each in people)))
    await practice.caught_up()
    team = await made.establish("gp", "nurse", "worker")
    _, [meeting] = await made.plan(team)
    agenda = shown(await made.fill(meeting, *people[:3]), "item")
    owner = here.reference("practice")
    for each in agenda:
        task = each["task"][0]["reference"]
        await made.record(
            meeting, said(task, decision="Carry on", by=made.staff["gp"]), action("Call", owner, "2020-07-09", task),
            by="practice",
        )  # fmt: skip
    await made.record(meeting, *made.attended("gp", "nurse", "worker"), CLOSE)
    await practice.caught_up()
    period = "periodStart=2020-07-01&periodEnd=2020-09-30"
    report = await practice.call("GET", f"Measure/register-reviewed/$evaluate-measure?{period}")
    [group] = report["group"]
    assert float(group["measureScore"]["value"]) == 60
    before = "periodStart=2020-04-01&periodEnd=2020-06-30"
    report = await practice.call("GET", f"Measure/register-reviewed/$evaluate-measure?{before}")
    assert "value" not in report["group"][0].get("measureScore", {}), "there was nobody on the register then"


@pytest.mark.requirement("PCPC-077")
async def test_the_share_of_the_register_with_a_single_active_plan(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    care = await coordinated_care(http, embedded)
    practice, lists = care.client("practice"), care.register.lists
    planned, drafted, nobody, outside = [await lists.register() for _ in range(4)]
    for each in (planned, outside):
        await agreed_plan(practice, each)
    await new_plan(practice, drafted)
    await care.register.enter(planned, drafted, nobody)
    await practice.caught_up()
    period = "periodStart=2020-07-01&periodEnd=2020-07-31"
    report = await practice.call("GET", f"Measure/register-with-a-single-plan/$evaluate-measure?{period}")
    assert round(float(report["group"][0]["measureScore"]["value"]), 1) == 33.3


FRAMEWORK = (
    ("PCPC-008", "well-managed-at-home", "register-emergency-admissions"),
    ("PCPC-009", "high-quality-of-care", "register-reviewed"),
    ("PCPC-010", "person-centred-care", "register-with-a-named-professional"),
    ("PCPC-011", "choice-and-control", "register-activation"),
    ("PCPC-012", "quality-of-life", "register-quality-of-life"),
    ("PCPC-013", "disease-impact", "register-new-conditions"),
)


@pytest.mark.parametrize(("outcome", "measure"), [
    pytest.param(outcome, measure, marks=pytest.mark.requirement(requirement))
    for requirement, outcome, measure in FRAMEWORK
])  # fmt: skip
async def test_an_outcome_lists_its_indicators_and_reports_group_figures_under_it(
    autumn: EmbeddedTandem, http: httpx.AsyncClient, outcome: str, measure: str
) -> None:
    care = await coordinated_care(http, autumn)
    framework = by_name(await care.client("practice").call("GET", "Measure/$outcome-framework"))
    assert [by_name(each)["name"][0] for each in framework["outcome"]] == list(OUTCOMES)
    listed = named(framework["outcome"], outcome)
    assert measure in listed["measure"]

    await live_through_autumn(care)
    shown_ = named((await care.report(FIRST))["outcome"], outcome)
    figures = {by_name(each)["measure"][0]: float(by_name(each)["value"][0]) for each in shown_["figure"]}
    assert figures[measure] == IN_AUTUMN[measure]
    others = set(IN_AUTUMN) - set(listed["measure"])
    assert not others & set(figures), "figures stand under their own outcomes"


IN_AUTUMN = {
    "register-emergency-admissions": 1, "register-reviewed": 0, "register-with-a-named-professional": 50,
    "register-activation": 62.5, "register-quality-of-life": 8, "register-new-conditions": 50,
}  # fmt: skip


async def live_through_autumn(care: CoordinatedCare) -> None:
    """Two people on the register: one with a nurse, a new condition, an admission, and words of her own."""
    lists, practice = care.register.lists, care.client("practice")
    person, other = await lists.register(), await lists.register()
    await care.register.enter(person, other)
    [group] = await practice.search("Group?code=complex-and-frail")
    nurse = await practice.create({"resourceType": "Practitioner", "active": True})
    nurse_named = part("professional", valueReference={"reference": f"Practitioner/{nurse['id']}"})
    body = parameters(part("patient", valueString=f"Patient/{person}"), nurse_named)
    await practice.call("POST", f"Group/{group['id']}/$assign", body)
    await lists.diagnose(person, ("84114007", "Heart failure"), onset=AUTUMN)
    await lists.admit_to_hospital(person, AUTUMN)
    await practice.create(pam(person, "62.5", 3, AUTUMN))
    better = response("medication-review-outcome", person, "completed", item("better-off", 8), authored=AUTUMN)
    await practice.create(better)
    await practice.caught_up()


async def test_the_report_is_a_page_and_a_pdf_too(care: CoordinatedCare) -> None:
    await care.write(FIRST, additional("Planned visits <b>at home</b>"))
    asked = f"{REPORT}?practice={care.practice}&period={FIRST}"
    page = await care.client("practice").request("GET", f"{asked}&_format=text/html")
    assert page.headers["content-type"].startswith("text/html")
    assert "Planned visits &lt;b&gt;at home&lt;/b&gt;" in page.text
    printed = await care.client("practice").request("GET", f"{asked}&_format=application/pdf")
    assert printed.content.startswith(b"%PDF")
    draft = await care.client("commissioner").request("GET", f"{asked}&_format=text/html")
    assert "Planned visits" not in draft.text, "what is still being written is the practice's own"
    for role in ("network", "other", "community"):
        assert (await care.client(role).request("GET", asked)).status_code == 404
