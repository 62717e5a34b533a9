"""The organisations of a synthetic network: their codes, memberships, agreements and staff."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tandem import canonical
from tandem.nhs import ods
from tandem.synth import Summary, generate

Resources = dict[str, list[dict[str, Any]]]


def _kind(organisation: dict[str, Any]) -> str:
    codings = [coding for concept in organisation["type"] for coding in concept["coding"]]
    kind: str = next(coding["code"] for coding in codings if coding["system"] == canonical.ORGANISATION_TYPE)
    return kind


def _roles(organisation: dict[str, Any]) -> set[str]:
    return {c["code"] for concept in organisation["type"] for c in concept["coding"] if c["code"].startswith("RO")}


def test_only_practices_and_the_network_have_codes_of_their_shapes(resources: Resources) -> None:
    shapes = [
        (_kind(organisation), ods.shape(code), _roles(organisation))
        for organisation in resources["Organization"]
        if (code := ods.organisation_code(organisation)) is not None
    ]
    assert [kind for kind, shape, _ in shapes if shape is ods.Shape.PRACTICE] == ["practice"] * 3
    assert [kind for kind, shape, _ in shapes if shape is ods.Shape.NETWORK] == ["network"]
    assert all(roles == {"RO177"} for kind, _, roles in shapes if kind == "practice")
    assert all(roles == {"RO272"} for kind, _, roles in shapes if kind == "network")


@pytest.mark.parametrize("seed", [0, 3, 11])
def test_the_shapes_hold_for_large_networks(seed: int, tmp_path: Path) -> None:
    summary = generate(1, 400, seed, tmp_path)
    assert len({*summary.practice_codes}) == 400
    assert all(ods.is_practice_code(code) for code in summary.practice_codes)
    assert ods.is_network_code(summary.network_code)
    others = [p.code for p in (*summary.providers, *summary.care_homes) if p.ods] + [summary.commissioner_code]
    assert len(set(others)) == len(others) > 200
    assert all(ods.shape(code) is ods.Shape.OTHER and ods.normalise(code) == code for code in others)


def test_voluntary_organisations_have_charity_numbers_only(resources: Resources) -> None:
    voluntary = [org for org in resources["Organization"] if _kind(org) == "voluntary"]
    assert len(voluntary) == 2
    for organisation in voluntary:
        assert [i["system"] for i in organisation["identifier"]] == ["https://tandem.example/fhir/Id/charity-number"]


def test_each_practice_is_a_member_of_the_network(resources: Resources, summary: Summary) -> None:
    members = [a for a in resources["OrganizationAffiliation"] if a["code"][0]["coding"][0]["code"] == "member"]
    assert {m["participatingOrganization"]["reference"] for m in members} == {
        f"Organization/{practice}" for practice in summary.practice_ids
    }
    assert all(member["organization"]["reference"] == f"Organization/{summary.network_id}" for member in members)
    assert all(member["active"] and member["period"]["start"] < summary.as_of for member in members)


def test_agreements_are_signed_by_network_practices_and_provider(resources: Resources, summary: Summary) -> None:
    agreements = [
        a for a in resources["OrganizationAffiliation"] if a["code"][0]["coding"][0]["code"] == "sharing-agreement"
    ]
    for agreement in agreements:
        parties, signed = zip(*map(_signature, agreement["extension"]), strict=True)
        provider = agreement["participatingOrganization"]["reference"]
        assert set(parties) == {provider, *(f"Organization/{i}" for i in (summary.network_id, *summary.practice_ids))}
        assert max(signed)[:10] < agreement["period"]["start"] < summary.as_of
    expected = {f"Organization/{p.id}" for p in (*summary.providers, *summary.care_homes) if p.agreement}
    assert {a["participatingOrganization"]["reference"] for a in agreements} == expected
    assert [p.kind for p in summary.providers if not p.agreement] == ["voluntary"]


def _signature(extension: dict[str, Any]) -> tuple[str, str]:
    assert extension["url"] == canonical.AGREEMENT_SIGNATURE
    parts = {part["url"]: part for part in extension["extension"]}
    assert parts.keys() == {"party", "signed"}
    return parts["party"]["valueReference"]["reference"], parts["signed"]["valueDateTime"]


def test_patients_are_spread_over_the_practices(resources: Resources, summary: Summary) -> None:
    of_practice = [patient["generalPractitioner"][0]["reference"] for patient in resources["Patient"]]
    assert sorted(set(of_practice)) == sorted(f"Organization/{i}" for i in summary.practice_ids)
    assert len(of_practice) == summary.patients == 300


def test_a_network_of_one_is_whole(tmp_path: Path) -> None:
    summary = generate(1, 1, 0, tmp_path)
    assert summary.counts["Patient"] == 1
    assert len(summary.care_homes) == 2
    assert summary.provider("community-provider").agreement
    assert summary.professional("clinical-pharmacist").practitioner.startswith("Practitioner/")
    with pytest.raises(KeyError):
        summary.provider("circus")


@pytest.mark.parametrize(
    ("patients", "practices", "seed"), [(0, 1, 1), (1, 0, 1), (900_001, 1, 1), (1, 501, 1), (1, 1, -1)]
)
def test_sizes_that_cannot_be(patients: int, practices: int, seed: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"network|seed"):
        generate(patients, practices, seed, tmp_path)
    assert list(tmp_path.iterdir()) == []
