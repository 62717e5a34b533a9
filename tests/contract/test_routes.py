"""The routes of the proxy in front: what is declared reaches the process that answers it, internals reach nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tandem.fhir.outcome import FhirError
from tandem.fhir.ownership import KERNEL_TYPES, OWNED_TYPES, OWNER
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway.route_formats import FORMATS
from tandem.gateway.route_table import GATEWAY, ISSUER, Route, process_for, route_table
from tandem.gateway.routes import GatewayRoutes
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.runtime.services import declared_services
from tandem.telemetry.state import State

BASE = "https://tandem.test/fhir"
CALLER = Caller("A81001", scopes={"*": ALL_LETTERS})
FORM = "application/x-www-form-urlencoded"
_INTERACTIONS = (
    ("GET", ""), ("POST", ""), ("PUT", "?name=a"), ("DELETE", "?name=a"), ("POST", "/_search"), ("GET", "/_history"),
    ("POST", "/$validate"), ("GET", "/1"), ("PUT", "/1"), ("PATCH", "/1"), ("DELETE", "/1"), ("GET", "/1/_history"),
    ("GET", "/1/_history/2"), ("POST", "/1/$validate"),
)  # fmt: skip
"""Method and what follows the type: http://hl7.org/fhir/R4/http.html#summary."""


@dataclass
class Recording:
    """A service that says it was asked and that it holds nothing."""

    name: str
    asked: list[str] = field(default_factory=list)

    async def send(self, request: FhirRequest) -> FhirResponse:
        self.asked.append(self.name)
        return FhirResponse(404, b'{"resourceType": "OperationOutcome"}')


async def gateways_own(request: FhirRequest) -> FhirResponse:
    return FhirResponse(200, b"{}")


async def gateways_state(_: float) -> State:
    return State(GATEWAY, "1", "0001", "0001")


async def asked_by_the_gateway(method: str, path: str) -> list[str]:
    """The services that the gateway asks for it."""
    services = declared_services()
    backends = {name: Recording(name) for name in services}
    gateway = GatewayRoutes(
        list(services.values()), backends, BASE, b"secret", ingest=gateways_own, job=gateways_own,
        state=gateways_state,
    )  # fmt: skip
    before, _, query = path.partition("?")
    headers = {"content-type": FORM if path.endswith("_search") else "application/fhir+json"}
    body = b"" if path.endswith("_search") else b'{"resourceType": "Parameters"}'
    request = FhirRequest(method, before, query, headers, body, BASE, "1", "1", CALLER)
    try:
        await gateway.answer(request)
    except FhirError as refused:
        raise AssertionError(f"{method} {path} is refused at the gateway: {refused}") from refused
    return [name for backend in backends.values() for name in backend.asked]


def declared_operations() -> Iterator[tuple[str, str, str]]:
    """Service, method and path of every declared operation on a type or an instance."""
    for service in declared_services().values():
        for each in service.operations:
            if each.level != "system":
                method = "POST" if each.writes else "GET"
                instance = "/1" if each.level == "instance" else ""
                yield service.name, method, f"{each.type}{instance}/${each.name}"


@pytest.mark.parametrize("kind", OWNER)
async def test_every_interaction_of_a_type_goes_to_its_owner_as_the_gateway_would_send_it(kind: str) -> None:
    for method, rest in _INTERACTIONS:
        path = f"{kind}{rest}"
        assert process_for(f"/fhir/{path.partition('?')[0]}") == OWNER[kind], path
        assert await asked_by_the_gateway(method, path) == [OWNER[kind]], path


async def test_every_operation_goes_to_the_service_that_declares_it() -> None:
    found = list(declared_operations())
    assert len(found) > 100
    for service, method, path in found:
        assert process_for(f"/fhir/{path}") == service, path
        assert await asked_by_the_gateway(method, path) == [service], path


def test_every_service_declares_the_types_that_the_routes_send_to_it() -> None:
    declared = {name: tuple(each.name for each in service.types) for name, service in declared_services().items()}
    assert {name: sorted(kinds) for name, kinds in declared.items()} == {
        name: sorted(kinds) for name, kinds in OWNED_TYPES.items()
    }  # fmt: skip


@pytest.mark.parametrize("path", ["Patient/1/$everything", "Patient/1/$timeline", "Patient/1/$timeline/"])
async def test_what_all_services_have_a_part_in_goes_to_the_gateway(path: str) -> None:
    assert process_for(f"/fhir/{path}") == GATEWAY
    assert sorted(await asked_by_the_gateway("GET", path)) == sorted(OWNED_TYPES)


@pytest.mark.parametrize("path", ["Patient/1/$everything/more", "Patient/1/2/$everything", "Patient/$everything-else"])
def test_what_only_looks_like_it_stays_with_the_owner(path: str) -> None:
    assert process_for(f"/fhir/{path}") == "cohort-service"


@pytest.mark.parametrize("kind", KERNEL_TYPES)
def test_kernel_types_go_to_the_gateway(kind: str) -> None:
    for _, rest in _INTERACTIONS:
        assert process_for(f"/fhir/{kind}{rest.partition('?')[0]}") == GATEWAY
    assert process_for(f"/fhir/{kind}/1/$replay") == GATEWAY


def test_the_system_level_goes_to_the_gateway() -> None:
    operations = [f"${each.name}" for service in declared_services().values() for each in service.operations
                  if each.level == "system"]  # fmt: skip
    assert operations, "there are some"
    for rest in ("", "/", "/metadata", "/_history", "/$ingest", "/$job", "/$caught-up", "/Claim", "/Claim/1"):
        assert process_for(f"/fhir{rest}") == GATEWAY, rest
    assert {process_for(f"/fhir/{name}") for name in operations} == {GATEWAY}


@pytest.mark.parametrize("path", [
    "/metrics", "/clock", "/health", "/fhir/$events", "/fhir/$event-heads", "/fhir/$events-taken", "/fhir/$load",
    "/fhir/$registration", "/fhirs", "/fhirs/Task", "/admin", "/oauth2", "/.well-known/other", "/docs/..", "",
])  # fmt: skip
def test_internals_and_unknown_addresses_reach_nobody(path: str) -> None:
    assert process_for(path) is None


@pytest.mark.parametrize("path", [
    "/", "/docs", "/openapi.json", "/health/live", "/health/ready", "/dashboard", "/dashboard/measure/x", "/sign-in",
    "/sign-in/callback", "/sign-out", "/assets/tandem-1.css",
])  # fmt: skip
def test_pages_are_where_the_sign_in_is(path: str) -> None:
    assert process_for(path) == GATEWAY


@pytest.mark.parametrize("path", [
    "/oauth2/token", "/oauth2/authorize", "/.well-known/jwks.json", "/.well-known/openid-configuration",
    "/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration",
])  # fmt: skip
def test_the_issuers_addresses_are_the_issuers(path: str) -> None:
    assert process_for(path) == ISSUER


def test_a_prefix_is_one_of_whole_segments() -> None:
    route = Route("prefix", "/fhir/Task", "mdt-service")
    assert [route.matches(path) for path in ("/fhir/Task", "/fhir/Task/1", "/fhir/TaskList")] == [True, True, False]


@pytest.mark.parametrize(("form", "path"), [("json", "deploy/routes.json"), ("caddy", "deploy/caddy/routes.caddy")])
def test_the_kept_file_is_the_one_that_is_made(pytestconfig: pytest.Config, form: str, path: str) -> None:
    assert (pytestconfig.rootpath / path).read_text() == FORMATS[form](), "run `make routes`"


def test_json_says_what_the_table_says() -> None:
    told = json.loads(FORMATS["json"]())["routes"]
    assert tuple(Route(**each) for each in told) == route_table()


def test_the_caddyfile_names_every_path_in_the_order_of_the_table() -> None:
    told = re.findall(r"^\t\tpath(?:_regexp)? (\S+)$", FORMATS["caddy"](), re.MULTILINE)
    wanted = [
        each for route in route_table()
        for each in {"regex": [f"^{route.path}$"], "exact": [route.path], "prefix": [route.path, f"{route.path}/*"]}[
            route.match]
    ]  # fmt: skip
    assert told == wanted
