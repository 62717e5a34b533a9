"""The Helm chart: which address reaches which process from outside, and who may talk to whom inside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tandem.fhir.ownership import KERNEL_TYPES, OWNER, SERVICES
from tandem.gateway.route_table import process_for
from tandem.runtime.services import GATEWAY, SERVICE_NAMES
from tandem_tests.helm_chart import Manifest, example, manifests, manifests_of, of_kind

Routes = list[tuple[str, str, str]]
"""Match, path and process, as a controller is told them."""


def ingress_routes() -> Routes:
    rules = of_kind(manifests_of("smallest"), "Ingress")["tandem"]["spec"]["rules"]
    return [
        (each["pathType"], each["path"], each["backend"]["service"]["name"].removeprefix("tandem-"))
        for rule in rules for each in rule["http"]["paths"]
    ]  # fmt: skip


def gateway_api_routes() -> Routes:
    found: Routes = []
    for process, route in of_kind(manifests_of("network"), "HTTPRoute").items():
        for rule in route["spec"]["rules"]:
            assert len(rule["matches"]) <= 8, "what the schema of an HTTPRoute allows"
            assert [each["name"] for each in rule["backendRefs"]] == [f"tandem-{process}"]
            found += [(each["path"]["type"], each["path"]["value"], process) for each in rule["matches"]]
        assert len(route["spec"]["rules"]) <= 16
    return found


def reached(routes: Routes, path: str) -> str | None:
    """As both interfaces say: an exact match goes first, then the longest prefix of whole segments."""
    exact = [process for match, route, process in routes if match == "Exact" and route == path]
    longest = max(
        ((len(route), process) for match, route, process in routes if match != "Exact" and _below(path, route)),
        default=None,
    )
    return exact[0] if exact else longest[1] if longest else None


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix.rstrip('/')}/")


def addresses() -> Iterable[str]:
    for kind in (*OWNER, *KERNEL_TYPES):
        yield from (f"/fhir/{kind}", f"/fhir/{kind}/1", f"/fhir/{kind}/1/_history/2", f"/fhir/{kind}/$validate")
    yield from ("/fhir", "/fhir/metadata", "/fhir/$ingest", "/fhir/$caught-up", "/fhir/Patients", "/fhir/_history")
    yield from ("/", "/docs", "/openapi.json", "/dashboard", "/dashboard/U1", "/sign-in", "/assets/tandem.css")


forms = pytest.mark.parametrize("routes", [ingress_routes, gateway_api_routes])


@forms
def test_every_address_reaches_who_answers_it(routes: Any) -> None:
    told = routes()
    for path in addresses():
        # A type with operations that span services goes to the gateway whole, which hands on what has an owner.
        expected = GATEWAY if _below(path, "/fhir/Patient") else process_for(path)
        assert reached(told, path) == expected, path


@forms
def test_what_is_not_for_clients_reaches_nobody_or_the_gateway(routes: Any) -> None:
    told = routes()
    assert [path for path in ("/metrics", "/clock", "/anything") if reached(told, path) is not None] == []
    for operation in ("$events", "$event-heads"):
        assert reached(told, f"/fhir/{operation}") == GATEWAY, "which answers services alone"


def test_both_forms_say_the_same() -> None:
    as_spoken = {"Prefix": "PathPrefix", "Exact": "Exact"}
    ingress = {(as_spoken[match], path, process) for match, path, process in ingress_routes()}
    assert ingress == set(gateway_api_routes())


def test_clients_come_by_tls_and_by_one_name() -> None:
    spec = of_kind(manifests_of("smallest"), "Ingress")["tandem"]["spec"]
    assert [rule["host"] for rule in spec["rules"]] == spec["tls"][0]["hosts"] == ["tandem.example"]
    routes = of_kind(manifests_of("network"), "HTTPRoute").values()
    assert {tuple(route["spec"]["hostnames"]) for route in routes} == {("tandem.example",)}


def labels_of(found: list[Manifest], name: str) -> dict[str, str]:
    spec = {**of_kind(found, "Deployment"), **of_kind(found, "Job"), **of_kind(found, "CronJob")}[name]["spec"]
    labels: dict[str, str] = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["metadata"]["labels"]
    return labels


def chosen(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    by_expression = all(
        expression["operator"] == "In" and labels.get(expression["key"]) in expression["values"]
        for expression in selector.get("matchExpressions", [])
    )
    return selector.get("matchLabels", {}).items() <= labels.items() and by_expression


def policies(found: list[Manifest], labels: dict[str, str]) -> list[Manifest]:
    return [
        policy["spec"] for policy in of_kind(found, "NetworkPolicy").values()
        if chosen(policy["spec"]["podSelector"], labels)
    ]  # fmt: skip


def may_talk(found: list[Manifest], source: str, target: str) -> bool:
    """Whether a pod of one workload may connect to one of another, on the port that all listen on."""
    theirs, ours = labels_of(found, target), labels_of(found, source)

    def allowed(rules: list[Any], peer: str, labels: dict[str, str]) -> bool:
        return any(
            chosen(each["podSelector"], labels)
            for rule in rules if any(port["port"] == 8000 for port in rule["ports"])
            for each in rule[peer] if "podSelector" in each and "namespaceSelector" not in each
        )  # fmt: skip

    leaves = allowed([rule for each in policies(found, ours) for rule in each.get("egress", [])], "to", theirs)
    enters = allowed([rule for each in policies(found, theirs) for rule in each.get("ingress", [])], "from", ours)
    return leaves and enters


def ports_out(found: list[Manifest], name: str) -> set[int]:
    """The ports outside the release that a workload may connect to."""
    return {
        port["port"]
        for policy in policies(found, labels_of(found, name)) for rule in policy.get("egress", [])
        if any("ipBlock" in each or "namespaceSelector" in each for each in rule["to"]) for port in rule["ports"]
    }  # fmt: skip


@pytest.mark.parametrize("name", ["smallest", "network"])
def test_who_may_talk_to_whom(name: str) -> None:
    found = manifests_of(name)
    jobs = [f"{process}-migrate" for process in SERVICE_NAMES]
    everybody = [*SERVICE_NAMES, *jobs]
    allowed = {(one, other) for one in everybody for other in everybody if may_talk(found, one, other)}
    assert allowed == {(one, other) for one in SERVICE_NAMES for other in SERVICES}


def test_where_each_may_go_outside() -> None:
    found = manifests_of("smallest")
    assert {ports_out(found, service) == {53, 5432, 5671, 443} for service in SERVICES} == {True}
    assert ports_out(found, GATEWAY) == {53, 5432, 443}, "it has no business with the broker"
    assert {tuple(sorted(ports_out(found, f"{process}-migrate"))) for process in SERVICE_NAMES} == {(53, 5432)}
    assert ports_out(manifests_of("network"), "backup") == {53, 5432}


def test_everything_is_denied_first() -> None:
    found = manifests_of("smallest")
    deny = of_kind(found, "NetworkPolicy")["default-deny"]["spec"]
    assert deny["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(deny)
    everybody = [f"{process}{of}" for process in SERVICE_NAMES for of in ("", "-migrate")]
    assert all(chosen(deny["podSelector"], labels_of(found, name)) for name in everybody)


def test_without_policies_there_are_none() -> None:
    assert not of_kind(manifests(example("smallest", networkPolicy={"enabled": False})), "NetworkPolicy")
