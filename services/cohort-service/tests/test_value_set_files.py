"""Files of codes in the shapes that they come in, and what is refused of them."""

from __future__ import annotations

import pytest

from cohort_service.domain.product_map import Product, read_products, substance_of
from cohort_service.domain.value_set_files import UnreadableFile, as_id, read_codes
from cohort_service.domain.value_set_loading import Heading, value_sets_from
from tandem.canonical import SNOMED_CT
from tandem.nhs.value_set import BNF, Member, ValueSet, checked, heading_faults, member_fault, value_set_of

HEADING = Heading("frailty", "2026.1", "Frailty", "A source")


def loaded(text: str, heading: Heading = HEADING) -> tuple[list[ValueSet], list[str]]:
    value_sets, refused = value_sets_from(heading, read_codes(text))
    return value_sets, [str(each) for each in refused]


def test_a_plain_list_is_one_value_set_and_an_inactive_code_is_kept_as_such() -> None:
    [found], refused = loaded("code,display,active\n73211009,Diabetes,1\n719329004,\"Review, by pharmacist\",0\n\n")
    assert refused == []
    assert (found.id, found.version, found.group) == ("frailty", "2026.1", None)
    assert found.members == (
        Member(SNOMED_CT, "73211009", "Diabetes", True), Member(SNOMED_CT, "719329004", "Review, by pharmacist", False),
    )  # fmt: skip


def test_a_file_of_deficits_is_one_value_set_each_in_one_group() -> None:
    text = (
        "deficit\tcode\tterm\narthritis\t3723001\tArthritis \"old\"\nchd\t53741008\tCoronary\n"
        "arthritis\t8847002\tSpondylosis\n"
    )
    found, refused = loaded(text, Heading("efi", "2", "eFI", "A source"))
    assert refused == []
    assert [(each.id, each.group, len(each.members)) for each in found] == [
        ("efi-arthritis", "efi", 2), ("efi-chd", "efi", 1),
    ]  # fmt: skip
    assert found[0].members[0].display == 'Arthritis "old"'
    assert found[0].title == "eFI: arthritis"


def test_a_file_of_groups_is_one_value_set_each() -> None:
    found, _ = loaded("group,code,display,status,source\nCare home,160734000,Lives in a nursing home,found,X\n")
    assert [(each.id, each.group) for each in found] == [("frailty-care-home", None)]


def test_a_release_file_counts_the_newest_line_of_a_code() -> None:
    text = (
        "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\n"
        "a\t20200401\t1\t1\t999016371000230105\t73211009\n"
        "b\t20250401\t0\t1\t999016371000230105\t73211009\n"
        "c\t20200401\t1\t1\t999016371000230105\t719329004\n"
    )
    [found], refused = loaded(text)
    assert refused == []
    assert found.id == "frailty"
    assert {(each.code, each.active) for each in found.members} == {("73211009", False), ("719329004", True)}


def test_several_refsets_of_one_file_are_told_apart() -> None:
    text = "refsetId,referencedComponentId,active\n999016371000230105,73211009,1\n999032371000230100,719329004,1\n"
    found, _ = loaded(text)
    assert [each.id for each in found] == ["frailty-999016371000230105", "frailty-999032371000230100"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("73211008,Diabetes,1", "check digit"),
        ("250560019,Lives in a nursing home,1", "description id"),
        ("7321,Short,1", "6 to 18 digits"),
        ("719329004,Twice,1", "it stands in line 2 already"),
        ("73211009,Diabetes,maybe", "active is 1 or 0"),
        ("73211009,Diabetes", "2 columns, the header has 3"),
        ("73211009,Dia\x07betes,1", "control character"),
    ],
)
def test_every_line_that_is_no_concept_is_refused_by_number_with_the_reason(line: str, reason: str) -> None:
    [found], refused = loaded(f"code,display,active\n719329004,Good,1\n{line}\n")
    assert len(found.members) == 1
    assert len(refused) == 1
    assert refused[0].startswith("line 3: ")
    assert reason in refused[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column of codes"),
        ("name,meaning\n1,2\n", "no column of codes"),
        ('code,display\n73211009,"never closed\n', "not readable"),
        ("code,display\n7321\x001009,x\n", "null character"),
        ("deficit,code\n,73211009\n", "deficit is empty"),
    ],
)
def test_what_is_no_table_of_codes_is_said_to_be_none(text: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_codes(text)


def test_a_value_set_that_could_never_select_anybody_is_faulty() -> None:
    [found], _ = loaded("code,active\n73211009,0\n")
    assert any("no active member" in fault for fault in heading_faults(found))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": "Not An Id"}, "lower-case"), ({"version": "1 2"}, "a version is"), ({"title": " "}, "a title"),
        ({"source": ""}, "a source"), ({"group": "E F I"}, "the group"), ({"title": "a\tb"}, "control character"),
    ],
)  # fmt: skip
def test_a_faulty_heading_is_named(changes: dict[str, str], reason: str) -> None:
    shape = {"id": "a", "version": "1", "title": "t", "source": "s", "group": None, "members": []} | changes
    value_set = ValueSet(
        shape["id"], shape["version"], shape["title"], shape["source"], shape["group"],
        (Member(SNOMED_CT, "73211009"),),
    )  # fmt: skip
    [fault] = heading_faults(value_set)
    assert reason in fault


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (Member(BNF, "04.07", prefix=True), "without dots"),
        (Member(BNF, "0407", prefix=True, excepting=("0408",)), "0408 does not begin with it"),
        (Member(BNF, "0407", excepting=("040702",)), "only a prefix"),
        (Member(SNOMED_CT, "73211009", prefix=True), "only codes of the BNF"),
        (Member("https://other", "x", prefix=True), "only codes of the BNF"),
        (Member("", "x"), "no system"),
    ],
)
def test_members_of_other_systems_are_checked_too(member: Member, reason: str) -> None:
    assert reason in (member_fault(member) or "")


def test_a_shipped_file_with_a_fault_names_it() -> None:
    members = [{"system": SNOMED_CT, "code": "73211009"}, {"system": SNOMED_CT, "code": "73211008"}]
    shape = {"id": "a", "version": "1", "title": "t", "source": "s", "group": None, "members": members}
    with pytest.raises(ValueError, match="line 2: 73211008: the check digit is wrong"):
        value_set_of(shape)


def test_of_a_code_given_twice_the_first_is_taken() -> None:
    taken, refused = checked([(2, Member(BNF, "0407")), (3, Member(BNF, "0407"))])
    assert (len(taken), len(refused)) == (1, 1)


def test_names_become_parts_of_ids() -> None:
    assert as_id("Housebound/social") == "housebound-social"


def test_products_are_read_by_the_names_of_the_columns() -> None:
    text = (
        "VMP / VMPP/ AMP / AMPP,BNF Code,BNF Name,SNOMED Code\n"
        "VMP,0408010G0AAAAAA,Gabapentin 300mg,323021008\n"
        "VMP,,No code,323022001\n"
        "VMP,0408010G0AAAAAA,Bad,323021009\n"
        "VMP,4.8.1,Dots,326874007\n"
        "VMP,0408010G0AAABAB,Again,323021008\n"
    )
    products, refused = read_products(text)
    assert products == [Product("323021008", "0408010G0AAAAAA")]
    assert [each.line for each in refused] == [4, 5, 6]
    assert "another BNF code" in refused[2].reason


def test_the_substance_is_the_column_or_the_first_nine_characters_of_the_bnf_code() -> None:
    assert substance_of("0408010G0AAAAAA", None) == (BNF, "0408010G0")
    assert substance_of("0408010G0AAAAAA", "386845007") == (SNOMED_CT, "386845007")
    assert substance_of("0408", None) is None


def test_a_map_without_its_columns_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="SNOMED Code and BNF Code"):
        read_products("a,b\n1,2\n")
