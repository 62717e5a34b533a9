"""The declarations: unique numbers, no invention, and every declared parameter and modifier filters."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tandem import canonical
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.ownership import KERNEL_TYPES, OWNER
from tandem.fhir.search.parameters import IDENTIFIER_COMPANION, OUR_OWN, PARAMETERS, SearchParameter, declared
from tandem.fhir.search.query import parse_query
from tandem_tests.loud_skips import skip_loudly

SHARED = Path(os.environ.get("TANDEM_SHARED", Path(__file__).parents[4] / "shared"))
SPECIFICATION = SHARED / "data" / "r4-spec" / "search-params-by-type.json"

# Parameters that R4 does not have for the type.
OWN = OUR_OWN
# R4's plain parameters that are not declared, by reason.
NOT_OFFERED = {
    "phonetic": "needs a phonetic algorithm", "near": "needs positions on a map",
    "age": "from an extension package, without an expression", "birthOrderBoolean": "the same",
    "part-agree": "the same", "mothersMaidenName": "reads an extension of a profile",
    "amino-acid-change": "genetics", "dna-variant": "genetics", "gene-amino-acid-change": "genetics",
    "gene-dnavariant": "genetics", "gene-identifier": "genetics",
    "item-subject": "reads references inside answers that an extension marks",
}  # fmt: skip
MODIFIERS = ("missing", "exact", "contains", "not", "text", "in", "not-in", "below", "above", "of-type", "identifier")


def specification() -> dict[str, list[dict[str, Any]]]:
    if not SPECIFICATION.exists():
        skip_loudly("R4 search parameters", "no file of them; set TANDEM_SHARED")
    read: dict[str, list[dict[str, Any]]] = json.loads(SPECIFICATION.read_text())
    return read


def test_every_type_is_declared() -> None:
    assert set(PARAMETERS) == {*OWNER, *KERNEL_TYPES}


def test_numbers_are_unique_and_leave_room_for_companions() -> None:
    stored = [p for parameters in PARAMETERS.values() for p in parameters.values() if p.number]
    numbers = [p.number for p in stored] + [p.companion for p in stored if p.kind == "reference"]
    assert len(numbers) == len(set(numbers))
    assert all(0 < p.number % 1000 < IDENTIFIER_COMPANION or p.number % 1000 > 900 for p in stored)
    assert len({p.number // 1000 for p in stored}) == len(PARAMETERS)


@pytest.mark.parametrize(
    ("resource_type", "name", "number"),
    [("Organization", "active", 1001), ("Patient", "identifier", 7016), ("Task", "status", 32018),
     ("Task", "patient", 32013),
     ("CarePlan", "category", 22006), ("Subscription", "url", 43006), ("Task", "_tag", 32902)],
)  # fmt: skip
def test_stored_numbers_do_not_move(resource_type: str, name: str, number: int) -> None:
    assert PARAMETERS[resource_type][name].number == number


def test_nothing_is_declared_that_r4_lacks_and_nothing_plain_is_forgotten() -> None:
    known = specification()
    for name, parameters in PARAMETERS.items():
        if name not in known:
            continue
        r4 = {p["code"]: p["type"] for p in known[name]}
        ours = {p.name: p.type for p in parameters.values() if not p.name.startswith("_")}
        invented = {(name, one) for one in ours if one not in r4}
        assert invented <= OWN
        assert {one: kind for one, kind in ours.items() if (name, one) not in OWN} == {
            one: r4[one] for one in ours if (name, one) not in OWN
        }
        plain = {one for one, kind in r4.items() if kind not in ("composite", "special")}
        assert plain - set(ours) <= set(NOT_OFFERED), name


def test_targets_are_r4s() -> None:
    known = specification()
    for name in set(known) & set(PARAMETERS):
        targets = {p["code"]: set(p["target"] or ()) for p in known[name] if p["type"] == "reference"}
        for parameter in PARAMETERS[name].values():
            if parameter.kind == "reference" and parameter.targets != ("*",):
                assert set(parameter.targets) <= targets[parameter.name] or parameter.name == "subject", parameter


def value_for(parameter: SearchParameter, leaf: str) -> tuple[Any, str]:
    """A value of the element and the query that names it, different for every parameter."""
    number, mark = parameter.number, f"v{parameter.number}"
    target = "Patient" if parameter.points_to("Patient") else (parameter.targets or ("",))[0].replace("*", "Basic")
    match parameter.kind:
        case "token" if leaf == "Boolean":
            return True, "true"
        case "token":
            return {"coding": [{"system": "urn:s", "code": mark, "display": f"shown {mark}"}]}, f"urn:s|{mark}"
        case "code" | "uri":
            return mark, mark
        case "contact":
            return {"value": mark}, mark
        case "string":
            return f"Text {mark}", f"text {mark}"
        case "reference":
            identifier = {"system": "urn:i", "value": mark}
            return {"reference": f"{target}/{mark}", "identifier": identifier}, f"{target}/{mark}"
        case "date":
            day = (date(1900, 1, 1) + timedelta(days=number)).isoformat()
            return day, day
        case "number":
            return number, str(number)
        case _:
            return {"value": number, "code": "u"}, f"{number}||u"


def resource_with(parameter: SearchParameter, path: str, identity: str, value: Any) -> dict[str, Any]:
    resource: dict[str, Any] = {"resourceType": parameter.type_name, "id": identity}
    node: Any = resource
    *steps, last = path.partition(":")[0].split(".")
    for step in steps:
        name, _, condition = step.partition("[")
        below: dict[str, Any] = {}
        if condition:
            member, _, wanted = condition.rstrip("]").partition("=")
            below[member] = getattr(canonical, wanted[1:]) if wanted.startswith("@") else wanted
        node[name] = [below]
        node = below
    name, _, condition = last.partition("[")
    if condition:
        member, _, wanted = condition.rstrip("]").partition("=")
        value = {**value, member: wanted}
    node[name] = [value] if condition else value
    return resource


def queries_for(parameter: SearchParameter, query: str) -> list[tuple[str, str]]:
    name = parameter.name
    asked = [(name, query), (f"{name}:missing", "false")][: 2 if "missing" in parameter.modifiers else 1]
    mark = f"v{parameter.number}"
    if "text" in parameter.modifiers and query != "true":
        asked.append((f"{name}:text", f"SHOWN {mark}"))
    if "exact" in parameter.modifiers:
        asked += [(f"{name}:exact", f"Text {mark}"), (f"{name}:contains", f"xt {mark}")]
    if parameter.kind == "reference":
        target, _, identity = query.partition("/")
        asked += [(f"{name}:identifier", f"urn:i|{mark}"), (name, identity if parameter.targets != ("*",) else query)]
        if target in PARAMETERS:
            asked += [(f"{name}:{target}", identity)]
    return asked


@pytest.mark.parametrize("resource_type", sorted(PARAMETERS))
async def test_each_declared_parameter_filters(store: Any, resource_type: str) -> None:
    expected: list[tuple[str, list[tuple[str, str]], bool]] = []
    async with store.database.transaction() as connection:
        for parameter in declared(resource_type):
            for place, path in enumerate(parameter.paths):
                if parameter.kind == "deceased":
                    continue
                only = path.partition(":")[2]
                value, query = value_for(parameter, "Boolean" if path.endswith("Boolean") else "")
                if only and not query.startswith(only):
                    query = f"{only}/v{parameter.number}"
                    value = {**value, "reference": query}
                identity = f"{parameter.number}-{place}"
                await store.put_in(connection, resource_with(parameter, path, identity, value))
                expected.append((identity, queries_for(parameter, query), "not" in parameter.modifiers))
    everything = await store.ids(resource_type, ("_count", "1000"))
    for identity, queries, negatable in expected:
        for name, text in queries:
            found = await store.ids(resource_type, (name, text), ("_count", "1000"))
            assert identity in found, (name, text)
            assert len(found) < len(everything), (name, text)
            if not name.endswith(":missing"):
                assert {one.partition("-")[0] for one in found} == {identity.partition("-")[0]}, (name, text)
        name, text = queries[0]
        if negatable:
            found = await store.ids(resource_type, (name, text))
            rest = await store.ids(resource_type, (f"{name}:not", text), ("_count", "1000"))
            assert sorted(found + rest) == sorted(everything)
        if any(one.endswith(":missing") for one, _ in queries):
            without = await store.ids(resource_type, (f"{name}:missing", "true"), ("_count", "1000"))
            having = await store.ids(resource_type, (f"{name}:missing", "false"), ("_count", "1000"))
            assert sorted(without + having) == sorted(everything)
            assert identity not in without


async def test_each_declared_parameter_sorts(store: Any) -> None:
    for resource_type in ("Task", "Patient", "Observation", "RiskAssessment"):
        await store.put({"resourceType": resource_type, "id": "only"})
        for parameter in declared(resource_type):
            assert await store.ids(resource_type, ("_sort", f"-{parameter.name}")) == ["only"]


@pytest.mark.parametrize("resource_type", sorted(PARAMETERS))
def test_what_is_not_declared_is_refused(resource_type: str) -> None:
    known = PARAMETERS[resource_type]
    for parameter in known.values():
        for modifier in {*MODIFIERS, "Nonsense"} - set(parameter.modifiers):
            with pytest.raises(FhirError) as refused:
                parse_query(resource_type, [(f"{parameter.name}:{modifier}", "x")], False)
            assert refused.value.kind is Kind.UNSUPPORTED_PARAMETER
            assert parameter.name in refused.value.issues[0].text
    for name in {*NOT_OFFERED, "nonsense", "_text", "_content", "_filter", "_query", "_list", "_contained"} - set(
        known
    ):
        with pytest.raises(FhirError) as refused:
            parse_query(resource_type, [(name, "x")], False)
        assert name in refused.value.issues[0].text
        assert "_lastUpdated" in refused.value.issues[0].text
