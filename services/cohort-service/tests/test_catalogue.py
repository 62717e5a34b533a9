"""The catalogue in the database: versions, what is in force, and the Selection that is made of it."""

from __future__ import annotations

import logging
from datetime import date

import pytest

from cohort_service.catalogue import choice_rows, definition_rows, value_set_rows
from cohort_service.catalogue.current import current_selection, selection_with
from cohort_service.catalogue.mark import current_mark, set_new_mark
from cohort_service.catalogue.product_rows import give_bnf_codes, keep_products
from cohort_service.catalogue.reevaluation import EVALUATE
from cohort_service.catalogue.shipped import install, install_shipped, shipped_texts, shipped_value_sets
from cohort_service.domain.definition_language.parse import check_definitions, parse_definition
from cohort_service.domain.network_choices import Choice
from cohort_service.domain.product_map import Product
from cohort_service.facts.concepts import concepts_of
from cohort_service.selection.selection import Selection
from tandem.canonical import DMD, SNOMED_CT
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError
from tandem.nhs.value_set import BNF, Member, ValueSet
from tandem_tests.small_work import SmallWork

DAY = date(2020, 7, 1)
DIABETES, REVIEW = "73211009", "719329004"


def value_set(identity: str, *members: Member, version: str = "1", group: str | None = None) -> ValueSet:
    """A value set with a title and a source."""
    return ValueSet(identity, version, identity, "A source", group, members)


def concept(code: str, *, active: bool = True) -> Member:
    """A SNOMED CT member."""
    return Member(SNOMED_CT, code, None, active)


def definition(identity: str, members: str, *, version: str = "1", status: str = "local", parameters: str = "") -> str:
    """The text of a definition file."""
    return (
        f'id: {identity}\nversion: "{version}"\ntitle: A cohort\ndescription: People.\nservice: AC\nstatus: {status}\n'
        f"source: A paragraph\n{parameters}members:\n  {members}\n"
    )


OLD = "age: {from: $years}"
YEARS = "parameters:\n  years: 65\n"
RECORDED = "recorded: {any_of: [diabetes]}"


async def number(connection: Connection, code: str, system: str = SNOMED_CT) -> int:
    """The number of a code."""
    return (await concepts_of(connection).numbers(connection, [(system, code)]))[system, code]


def test_what_is_shipped_has_no_fault() -> None:
    value_sets = list(shipped_value_sets())
    definitions = [parse_definition(text, name) for name, text in shipped_texts().items()]
    groups = {each.group for each in value_sets if each.group is not None}
    check_definitions(definitions, {each.id for each in value_sets}, groups)
    assert len(definitions) > 30
    assert "efi" in groups


async def test_what_is_shipped_is_installed_once_and_everybody_is_evaluated(work: SmallWork) -> None:
    await install_shipped(work)
    mark = await current_mark(work.connection)
    [due] = await work.connection.fetch("SELECT kind, key FROM due")
    assert (due["kind"], due["key"]) == (EVALUATE, mark)
    selection = await current_selection(work.connection, DAY)
    assert set(selection.definitions) == {name.removesuffix(".yaml") for name in shipped_texts()}
    assert len(selection.groups["efi"]) == 35

    await install_shipped(work)
    assert await current_mark(work.connection) == mark
    assert await work.connection.fetchval("SELECT COUNT(*) FROM due") == 1


async def test_a_broken_shipped_file_is_told_and_the_version_before_it_stays(
    work: SmallWork, caplog: pytest.LogCaptureFixture
) -> None:
    diabetes = value_set("diabetes", concept(DIABETES))
    good = definition("older", OLD, parameters=YEARS)
    await install(work, [diabetes], {"older.yaml": good, "other.yaml": definition("other", RECORDED)})
    broken = definition("older", "recorded: {any_of: [no-such-set]}", version="2")
    unreadable = definition("other", "nonsense: 1", version="2")
    sound = definition("third", RECORDED)
    with caplog.at_level(logging.ERROR):
        await install(work, [], {"older.yaml": broken, "other.yaml": unreadable, "third.yaml": sound})
    assert "older.yaml:9: unknown value set: no-such-set" in caplog.text
    assert "other.yaml:9" in caplog.text
    selection = await current_selection(work.connection, DAY)
    assert {name: each.version for name, each in selection.definitions.items()} == {
        "older": "1", "other": "1", "third": "1",
    }  # fmt: skip


async def test_a_cycle_with_what_is_in_force_keeps_the_new_ones_out(
    work: SmallWork, caplog: pytest.LogCaptureFixture
) -> None:
    await install(work, [], {"a.yaml": definition("a", OLD, parameters=YEARS), "b.yaml": definition("b", "cohort: a")})
    with caplog.at_level(logging.ERROR):
        await install(work, [], {"a.yaml": definition("a", "cohort: b", version="2")})
    assert "a cycle of cohorts" in caplog.text
    assert (await current_selection(work.connection, DAY)).definitions["a"].version == "1"


async def test_a_shipped_file_that_changed_without_a_new_version_is_told(
    work: SmallWork, caplog: pytest.LogCaptureFixture
) -> None:
    await install(work, [], {"a.yaml": definition("a", OLD, parameters=YEARS)})
    with caplog.at_level(logging.ERROR):
        await install(work, [], {"a.yaml": definition("a", OLD, parameters=YEARS) + "# changed\n"})
    assert "a.yaml changed without a new version" in caplog.text
    held = await definition_rows.held(work.connection, "a", "1")
    assert held is not None
    assert "# changed" not in held["text"]


async def test_the_latest_version_is_in_force_in_whatever_order_they_came(work: SmallWork) -> None:
    for version in ("1.10", "1.9"):
        await install(work, [], {"a.yaml": definition("a", OLD, version=version, parameters=YEARS)})
    assert (await current_selection(work.connection, DAY)).definitions["a"].version == "1.10"


async def test_only_active_members_of_the_newest_active_version_select(work: SmallWork) -> None:
    connection = work.connection
    first = value_set("diabetes", concept(DIABETES), concept(REVIEW, active=False))
    await install(work, [first], {"a.yaml": definition("a", RECORDED)})
    assert (await current_selection(connection, DAY)).value_sets == {"diabetes": (await number(connection, DIABETES),)}

    await install(work, [value_set("diabetes", concept(REVIEW), version="2")], {})
    assert (await current_selection(connection, DAY)).value_sets == {"diabetes": (await number(connection, REVIEW),)}

    await connection.execute("UPDATE value_set SET active = 0 WHERE version = '2'")
    await set_new_mark(connection)
    assert (await current_selection(connection, DAY)).value_sets == {"diabetes": (await number(connection, DIABETES),)}
    held = await value_set_rows.held(connection, "diabetes", "1")
    assert held is not None
    assert {(each.code, each.active) for each in held.members} == {(DIABETES, True), (REVIEW, False)}


async def test_a_prefix_stands_for_the_products_that_the_map_gives_less_its_exceptions(work: SmallWork) -> None:
    connection = work.connection
    opioids = value_set("opioids", Member(BNF, "0407", "Analgesics", prefix=True, excepting=("0407010",)))
    await install(work, [opioids], {"a.yaml": definition("a", "medicine: {any_of: [opioids]}")})
    morphine, paracetamol = ("321175006", "0407020Q0AAAAAA"), ("321177003", "0407010H0AAAAAA")
    recorded_before = await number(connection, morphine[0], DMD)
    prefix = await number(connection, "0407", BNF)
    assert (await current_selection(connection, DAY)).value_sets["opioids"] == (prefix,)

    await keep_products(connection, [Product(*morphine), Product(*paracetamol)])
    assert await give_bnf_codes(connection, concepts_of(connection)) == 1
    selection = await current_selection(connection, DAY)
    assert set(selection.value_sets["opioids"]) >= {prefix, recorded_before}

    recorded_after = await number(connection, morphine[0], SNOMED_CT)
    excepted = await number(connection, paracetamol[0], SNOMED_CT)
    stranger = await number(connection, REVIEW)
    by_bnf_itself = await number(connection, "0407020A0", BNF)
    now_selected = set((await current_selection(connection, DAY)).value_sets["opioids"])
    assert now_selected >= {prefix, recorded_before, recorded_after, by_bnf_itself}
    assert now_selected.isdisjoint({excepted, stranger})


async def test_a_code_of_dmd_and_of_snomed_ct_is_one_code(work: SmallWork) -> None:
    connection = work.connection
    gabapentin = value_set("gabapentin", Member(DMD, "323021008"))
    await install(work, [gabapentin], {"a.yaml": definition("a", "medicine: {any_of: [gabapentin]}")})
    of_dmd = await number(connection, "323021008", DMD)
    assert (await current_selection(connection, DAY)).value_sets["gabapentin"] == (of_dmd,)
    of_snomed = await number(connection, "323021008", SNOMED_CT)
    await number(connection, "323021008", "https://another")
    assert set((await current_selection(connection, DAY)).value_sets["gabapentin"]) == {of_dmd, of_snomed}


async def test_two_products_of_one_substance_share_it(work: SmallWork) -> None:
    connection = work.connection
    await keep_products(connection, [
        Product("321175006", "0407020Q0AAAAAA"), Product("321177003", "0407020Q0AAABAB"),
        Product("321152004", "0407020A0AAAAAA", "373492002"), Product("326874007", "0407"),
    ])  # fmt: skip
    products = ("321175006", "321177003", "321152004", "326874007")
    numbers = {code: await number(connection, code, DMD) for code in products}
    rows = await connection.fetch("SELECT code, substance FROM concept WHERE system = $1", DMD)
    substances = {row["code"]: row["substance"] for row in rows}
    assert substances["321175006"] == substances["321177003"] == await number(connection, "0407020Q0", BNF)
    assert substances["321152004"] == await number(connection, "373492002")
    assert substances["326874007"] == numbers["326874007"]


async def test_the_same_selection_comes_back_until_something_changes(work: SmallWork) -> None:
    connection = work.connection
    await install(work, [], {"a.yaml": definition("a", OLD, parameters=YEARS)})
    selection = await current_selection(connection, DAY)
    assert await current_selection(connection, DAY) is selection
    await install(work, [], {"a.yaml": definition("a", OLD, version="2", parameters=YEARS)})
    changed = await current_selection(connection, DAY)
    assert changed is not selection
    assert changed.definitions["a"].version == "2"


async def member_of(connection: Connection, network: str, practice: str, starts: int = 0, ends: int = 2**62) -> None:
    """A row of the kernel's membership."""
    await connection.execute(
        "INSERT INTO membership (id, holder_reference, member_reference, holder, member, starts, ends)"
        " VALUES ($1, $2, $3, $2, $3, $4, $5)",
        f"{network}-{practice}", network, practice, starts, ends,
    )  # fmt: skip


async def choose(connection: Connection, choice: Choice) -> None:
    """Keep a choice as the operation does."""
    await choice_rows.keep(connection, choice, 0, choice.organisation)
    await set_new_mark(connection)


@pytest.fixture
async def two_networks(work: SmallWork) -> SmallWork:
    """Networks U1 (A1, A2) and U2 (A3), with a mandatory, a local and an optional definition."""
    texts = {
        f"{status}.yaml": definition(status, OLD, status=status, parameters=YEARS)
        for status in ("mandatory", "local", "optional")
    }
    await install(work, [], texts)
    for network, practice in (("U1", "A1"), ("U1", "A2"), ("U2", "A3")):
        await member_of(work.connection, network, practice)
    return work


def ages(selection: Selection, cohort: str) -> dict[int, tuple[str, ...] | None]:
    """Threshold -> the practices it holds for (None: everybody else)."""
    return {each.definition.parameters["years"]: each.only for each in selection.in_force(cohort)}


@pytest.mark.requirement("AC-083")
async def test_a_choice_holds_for_the_practices_of_its_network_from_its_day_on(two_networks: SmallWork) -> None:
    connection = two_networks.connection
    await choose(connection, Choice("U1", "local", date(2020, 7, 2), True, (("years", 80),)))
    assert ages(await current_selection(connection, DAY), "local") == {65: None}
    assert ages(await current_selection(connection, date(2020, 7, 2)), "local") == {80: ("A1", "A2"), 65: None}
    await choose(connection, Choice("U1", "local", date(2020, 8, 1), True))
    assert ages(await current_selection(connection, date(2020, 8, 1)), "local") == {65: None}


async def test_an_optional_cohort_is_on_only_where_it_was_switched_on(two_networks: SmallWork) -> None:
    connection = two_networks.connection
    assert (await current_selection(connection, DAY)).switched_on == {}
    await choose(connection, Choice("U1", "optional", DAY, True, (("years", 70),)))
    await choose(connection, Choice("U2", "optional", DAY, True))
    selection = await current_selection(connection, DAY)
    assert selection.switched_on == {"optional": ("A1", "A2", "A3")}
    assert ages(selection, "optional") == {70: ("A1", "A2"), 65: ("A3",)}
    await choose(connection, Choice("U1", "optional", DAY, False))
    assert (await current_selection(connection, DAY)).switched_on == {"optional": ("A3",)}


async def test_a_choice_follows_the_members_of_the_network(two_networks: SmallWork) -> None:
    connection = two_networks.connection
    await choose(connection, Choice("U2", "optional", DAY, True))
    assert (await current_selection(connection, DAY)).switched_on == {"optional": ("A3",)}
    await member_of(connection, "U2", "A4")
    assert (await current_selection(connection, DAY)).switched_on == {"optional": ("A3", "A4")}


async def test_a_choice_that_a_newer_version_does_not_allow_is_passed_over(
    two_networks: SmallWork, caplog: pytest.LogCaptureFixture
) -> None:
    connection = two_networks.connection
    await choose(connection, Choice("U1", "local", DAY, True, (("years", 80),)))
    await install(two_networks, [], {"local.yaml": definition("local", "age: {from: 50}", version="2")})
    assert (await current_selection(connection, DAY)).variants == ()
    mandatory = definition("local", OLD, version="3", status="mandatory", parameters=YEARS)
    await install(two_networks, [], {"local.yaml": mandatory})
    assert (await current_selection(connection, DAY)).variants == ()


async def test_a_tried_parameter_holds_for_everybody_and_changes_nothing(two_networks: SmallWork) -> None:
    connection = two_networks.connection
    await choose(connection, Choice("U1", "local", DAY, True, (("years", 80),)))
    tried = await selection_with(connection, DAY, {"local.years": 75})
    assert ages(tried, "local").keys() == {75}
    assert ages(tried, "mandatory") == {65: None}
    assert ages(await current_selection(connection, DAY), "local") == {80: ("A1", "A2"), 65: None}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nothing.years", "the cohorts are: local, mandatory, optional"),
        ("years", "the cohorts are: local, mandatory, optional"),
        ("local.months", "it has: local.years"),
    ],
)
async def test_an_unknown_cohort_or_parameter_is_refused_naming_the_valid_ones(
    two_networks: SmallWork, name: str, expected: str
) -> None:
    with pytest.raises(FhirError, match=expected) as error:
        await selection_with(two_networks.connection, DAY, {name: 5})
    assert error.value.kind.status == 400
