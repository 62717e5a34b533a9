"""List sizes, staff, profiles and targets: the figures about networks and practices, and whose they are."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import AFFILIATION_ROLE, BASE
from tandem.demo.client import Refused
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, part, values
from tandem_tests.running import EmbeddedTandem


@pytest.fixture
async def area(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Area:
    return await new_area(http, embedded)


def size(area: Area, practice: str, day: str, registered: Any, **weighted: Any) -> dict[str, Any]:
    """A `list-size` of a practice."""
    more = [part("weighted", **weighted)] if weighted else []
    return part("list-size", part("practice", valueReference=area.reference(practice)), part("date", valueDate=day),
                part("registered", valueInteger=registered), *more)  # fmt: skip


async def grow(area: Area, registered: int) -> None:
    """The commissioner records the list of north's only practice."""
    await area.ask("commissioner", "north", "list-size", size(area, "northern", "2020-04-01", registered))


@pytest.mark.requirement("PCN-072")
async def test_a_network_of_29000_is_flagged_outside_the_norm_and_not_refused(area: Area) -> None:
    await area.enter("second", "practice", f"W{70_000 + area.number}")
    await area.affiliate("north", "second", period={"start": "2019-07-01"})
    await area.ask(
        "commissioner", "commissioner", "list-size",
        size(area, "northern", "2020-04-01", 20_000, valueDecimal=20_500.5),
        size(area, "second", "2020-04-01", 9_000, valueDecimal=9_100),
    )  # fmt: skip
    answer = await area.ask("north", "north", "list-size")
    assert values(answer, "registered") == [29_000]
    assert [float(each) for each in values(answer, "weighted")] == [29_600.5]
    assert values(answer, "outside-norm") == [True]
    assert values(answer, "norm") == [{"low": {"value": 30_000}, "high": {"value": 50_000}}]

    # the practice itself counts again; the earlier day stays as it was
    counted = part("list-size", part("date", valueDate="2020-07-01"), part("registered", valueInteger=10_000))
    await area.ask("second", "second", "list-size", counted)
    answer = await area.ask("north", "north", "list-size")
    assert (values(answer, "registered"), values(answer, "outside-norm")) == ([30_000], [False])
    path = f"Organization/{area.ids['north']}/$list-size?date=2020-06-30"
    earlier = await area.client("north").call("GET", path)
    assert values(earlier, "registered") == [29_000]


async def test_a_network_whose_lists_are_not_all_known_is_not_judged(area: Area) -> None:
    answer = await area.ask("north", "north", "list-size")
    assert values(answer, "missing") == [area.reference("northern")]
    assert values(answer, "outside-norm") == []


async def test_a_faulty_import_is_refused_whole(area: Area) -> None:
    rows = [
        size(area, "northern", "2020-04-01", 9_000), size(area, "northern", "2020-13-01", 9_000),
        size(area, "northern", "2020-07-02", 9_000), size(area, "northern", "2020-04-01", -1),
        size(area, "northern", "2020-04-01", True), size(area, "elms", "2020-04-01", 1),
        size(area, "northern", "2020-04-01", 9_000, valueDecimal=-1),
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        await area.ask("commissioner", "north", "list-size", *rows)
    assert refused.value.status == 422
    assert len(refused.value.outcome["issue"]) == len(rows) - 1
    with pytest.raises(Refused) as nothing:
        await area.ask("northern", "northern", "list-size")
    assert nothing.value.status == 404, "the good row was not kept either"


async def test_who_may_record_and_read_list_sizes(area: Area) -> None:
    row = size(area, "northern", "2020-04-01", 9_000)
    for stranger in ("southern", "south"):
        with pytest.raises(Refused) as refused:
            await area.ask(stranger, "northern", "list-size", row)
        assert refused.value.status == 403, stranger
    with pytest.raises(Refused) as another:
        await area.ask("northern", "northern", "list-size", row, size(area, "southern", "2020-04-01", 1))
    assert another.value.status == 403
    await area.ask("northern", "northern", "list-size", row)
    for reader in ("northern", "north", "commissioner", "operator"):
        assert values(await area.ask(reader, "northern", "list-size"), "registered") == [9_000]
    with pytest.raises(Refused) as unseen:
        await area.ask("southern", "northern", "list-size")
    assert unseen.value.status == 404


async def workforce(area: Area, year: str) -> Resource:
    return await area.client("north").call("GET", f"Organization/{area.ids['north']}/$workforce?year={year}")


@pytest.mark.requirement("PCN-014", "PCN-015")
@pytest.mark.parametrize(("year", "staff"), [pytest.param("2020/21", 5, id="PCN-014"),
                                             pytest.param("2023/24", 16, id="PCN-015")])  # fmt: skip
async def test_indicative_additional_staff_are_shown_and_scaled_to_the_list(area: Area, year: str, staff: int) -> None:
    await grow(area, 50_000)
    [line] = values(await workforce(area, year), "additional-staff")
    assert [float(values(line, name)[0]) for name in ("indicative", "scaled")] == [staff, staff]
    assert values(line, "people") == [50_000]
    await area.ask("commissioner", "north", "list-size", size(area, "northern", "2020-07-01", 30_000))
    [line] = values(await workforce(area, year), "additional-staff")
    assert [float(values(line, name)[0]) for name in ("indicative", "scaled")] == [staff, staff * 0.6]


@pytest.mark.requirement("PCN-016", "PCN-017", "PCN-018", "PCN-019")
@pytest.mark.parametrize(("role", "indicative"), [
    pytest.param("clinical-pharmacist", 3, id="PCN-016"),
    pytest.param("social-prescribing-link-worker", 1.5, id="PCN-017"),
    pytest.param("physiotherapist", 0.5, id="PCN-018"),
    pytest.param("physician-associate", 0.5, id="PCN-019"),
])  # fmt: skip
async def test_indicative_staff_of_a_role_are_shown_beside_those_in_post(
    area: Area, role: str, indicative: float
) -> None:
    await grow(area, 50_000)
    for day, wte in (("2020-05-01", 0.4), ("2020-06-01", 0.8)):
        in_post = (part("role", valueCode=role), part("date", valueDate=day), part("wte", valueDecimal=wte))
        await area.ask("north", "north", "staff-in-post", part("post", *in_post))
    lines = {values(each, "role")[0]: each for each in values(await workforce(area, "2020/21"), "role")}
    assert float(values(lines[role], "indicative")[0]) == indicative
    assert float(values(lines[role], "in-post")[0]) == 0.8


async def test_staff_are_recorded_by_the_network_and_a_year_is_a_financial_year(area: Area) -> None:
    post = part("post", part("role", valueCode="physiotherapist"), part("date", valueDate="2020-07-01"),
                part("wte", valueDecimal=1))  # fmt: skip
    for stranger in ("south", "northern"):
        with pytest.raises(Refused) as refused:
            await area.ask(stranger, "north", "staff-in-post", post)
        assert refused.value.status == 403, stranger
    faulty = part("post", part("role", valueCode="Physio Therapist"), part("date", valueDate="2020-07-02"))
    with pytest.raises(Refused) as faults:
        await area.ask("north", "north", "staff-in-post", post, faulty)
    assert (faults.value.status, len(faults.value.outcome["issue"])) == (422, 3)
    assert values(await area.ask("north", "north", "staff-in-post"), "post") == []
    for year in ("2020", "2020/22", ""):
        with pytest.raises(Refused) as bad:
            await workforce(area, year)
        assert bad.value.status == 400, year


@pytest.mark.requirement("PCPC-023")
async def test_a_practice_reads_the_profile_its_commissioner_posts_and_another_does_not(area: Area) -> None:
    diabetes = {"system": "http://snomed.info/sct", "code": "73211009", "display": "Diabetes mellitus"}
    await area.ask(
        "commissioner", "northern", "practice-profile",
        part("characteristic", part("name", valueString="Diabetes"), part("code", valueCoding=diabetes),
             part("percent", valueDecimal=7.2), part("source", valueString="Public health, 2019/20")),
        part("characteristic", part("name", valueString="Aged 75 and over"), part("count", valueInteger=812)),
    )  # fmt: skip
    answer = await area.ask("northern", "northern", "practice-profile")
    first, second = values(answer, "characteristic")
    assert (values(first, "name"), values(first, "code")) == (["Diabetes"], [diabetes])
    assert float(values(first, "percent")[0]) == 7.2
    assert (values(second, "name"), values(second, "count")) == (["Aged 75 and over"], [812])
    assert values(answer, "author") == [area.reference("commissioner")]
    for another in ("southern", "south", "north"):
        with pytest.raises(Refused) as refused:
            await area.ask(another, "northern", "practice-profile")
        assert refused.value.status == 404, another


async def test_a_profile_is_the_commissioners_to_write_and_is_refused_whole(area: Area) -> None:
    row = part("characteristic", part("name", valueString="Diabetes"), part("percent", valueDecimal=7.2))
    for stranger in ("northern", "southern"):
        with pytest.raises(Refused) as refused:
            await area.ask(stranger, "northern", "practice-profile", row)
        assert refused.value.status == 403, stranger
    for faulty in (
        part("characteristic", part("name", valueString="Diabetes"), part("percent", valueDecimal=101)),
        part("characteristic", part("name", valueString=" "), part("count", valueInteger=1)),
        part("characteristic", part("name", valueString="Diabetes")),
    ):
        with pytest.raises(Refused) as faults:
            await area.ask("commissioner", "northern", "practice-profile", row, faulty)
        assert faults.value.status == 422
    with pytest.raises(Refused) as nothing:
        await area.ask("northern", "northern", "practice-profile")
    assert nothing.value.status == 404


@pytest.mark.requirement("ECD-069")
async def test_a_networks_place_and_cancer_alliance_are_named_and_its_target_follows(area: Area) -> None:
    await area.enter("alliance", "cancer-alliance", f"CA{area.number:03}")
    await area.enter("place", "place", f"PL{area.number:03}")
    await area.affiliate("alliance", "north", (AFFILIATION_ROLE, "cancer-alliance"), period={"start": "2020-04-01"})
    await area.affiliate("place", "north", (AFFILIATION_ROLE, "place"), period={"start": "2020-04-01"})

    path = f"OrganizationAffiliation?participating-organization=Organization/{area.ids['north']}"
    found = {
        each["code"][0]["coding"][0]["code"]: each["organization"] for each in await area.client("north").search(path)
    }
    assert found["cancer-alliance"] == area.reference("alliance")
    assert found["place"] == area.reference("place")

    answer = await area.ask("north", "north", "cancer-target")
    assert values(answer, "cancer-alliance") == [area.reference("alliance")]
    assert values(answer, "place") == [area.reference("place")]
    [target] = values(answer, "target")
    assert (float(values(target, "percent")[0]), values(target, "by")) == (75, ["2028"]), "the national one"

    for setter, percent in (("place", 58), ("alliance", 62)):
        row = part("target", part("percent", valueDecimal=percent), part("by", valueString="2023/24"),
                   part("from", valueDate="2020-04-01"))  # fmt: skip
        await area.ask(setter, setter, "cancer-target", row)
        [target] = values(await area.ask("north", "north", "cancer-target"), "target")
        assert float(values(target, "percent")[0]) == percent
        assert values(target, "set-by") == [area.reference(setter)]
    with pytest.raises(Refused) as refused:
        await area.ask("north", "alliance", "cancer-target", row)
    assert refused.value.status == 403


async def test_leads_are_named_by_service_and_day(area: Area) -> None:
    operator = area.client("operator")
    lead_system, service_system = (f"{BASE}/CodeSystem/{name}" for name in ("network-lead", "network-service"))

    async def lead(codes: list[tuple[str, str]], **period: str) -> str:
        practitioner = await operator.create({"resourceType": "Practitioner", "name": [{"family": "Lead"}]})
        made = await area.client("north").create({
            "resourceType": "PractitionerRole", "active": True, "organization": area.reference("north"),
            "practitioner": {"reference": f"Practitioner/{practitioner['id']}"}, "period": period,
            "code": [{"coding": [{"system": system, "code": code}]} for system, code in codes],
        })  # fmt: skip
        return str(made["id"])

    director = await lead([(lead_system, "clinical-director")], start="2019-07-01")
    led = [(lead_system, "service-lead"), (service_system, "EHCH")]
    former = await lead(led, start="2019-07-01", end="2020-03-31")
    present = await lead(led, start="2020-04-01")

    async def named(query: str) -> set[str]:
        answer = await area.client("southern").call("GET", f"Organization/{area.ids['north']}/$leads?{query}")
        return {values(each, "practitioner-role")[0]["reference"].partition("/")[2] for each in values(answer, "lead")}

    assert await named("service=EHCH") == {director, present}
    assert await named("service=EHCH&date=2020-03-31") == {director, former}
    assert await named("service=SMR") == {director}
    for codes in ([(lead_system, "service-lead")], [(lead_system, "service-lead"), (service_system, "NONE")]):
        with pytest.raises(Refused) as refused:
            await lead(codes, start="2020-04-01")
        assert refused.value.status == 422
    with pytest.raises(Refused) as endless:
        await lead([(lead_system, "clinical-director")])
    assert endless.value.status == 422


_ODD: tuple[Any, ...] = (
    1, "U1", [], {"reference": 1}, {"reference": "Organization/none"}, {"reference": "Patient/1"}, {"identifier": []},
    {"identifier": {"system": BASE, "value": 7}}, {"identifier": {"system": BASE, "value": "a\u0000b"}},
)  # fmt: skip


@pytest.mark.parametrize(("operation", "row", "named"), [
    ("list-size", "list-size", "practice"), ("care-homes", "home", "organization"), ("areas", "sector", "network"),
])  # fmt: skip
async def test_odd_references_and_rows_without_parts_are_refused_in_words(
    area: Area, operation: str, row: str, named: str
) -> None:
    for odd in _ODD:
        with pytest.raises(Refused) as refused:
            await area.ask("commissioner", "commissioner", operation, part(row, part(named, valueReference=odd)))
        assert refused.value.status == 422, odd
    for body in (part(row, valueString="x"), part("other", valueString="x"), {"name": row, "part": 3},
                 {"name": row, "part": [{"valueString": "x"}]}, {"name": row, "part": ["x"]}):  # fmt: skip
        with pytest.raises(Refused) as bad:
            await area.ask("commissioner", "commissioner", operation, body)
        assert bad.value.status in (400, 422), body


async def test_texts_are_of_one_line_and_numbers_are_numbers(area: Area) -> None:
    for role, wte in (("a\u0000b", 1), (7, 1), ("physiotherapist", "1"), ("physiotherapist", True), ("x" * 201, 1)):
        row = part("post", part("role", valueCode=role), part("date", valueDate="2020-07-01"),
                   part("wte", valueDecimal=wte))  # fmt: skip
        with pytest.raises(Refused) as refused:
            await area.ask("north", "north", "staff-in-post", row)
        assert refused.value.status == 422, (role, wte)
    path = f"Organization/{area.ids['north']}/$population?after=%00"
    with pytest.raises(Refused) as bad:
        await area.client("north").call("GET", path)
    assert bad.value.status == 400
