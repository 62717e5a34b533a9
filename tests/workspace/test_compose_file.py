"""docker-compose.yml agrees with the ownership table, the settings, the databases, and who may reach whom."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
import yaml

from tandem.fhir.ownership import SERVICES
from tandem.gateway.route_table import ISSUER, route_table
from tandem.runtime.services import GATEWAY, SERVICE_NAMES
from tandem.settings import SECRETS, Settings, settings_from

Container = dict[str, Any]
OURS_ONCE = ("secrets", "migrations")
NOT_OURS = ("postgres", "rabbitmq", "databases")
FROM_FILES = {f"TANDEM_{name.upper()}_FILE" for name in SECRETS}
NOT_IN_CONTAINERS = {
    "page_secret": "it is made from the service key", "page_secrets_accepted": "so are those before it",
    "oidc_client_secret": "the local issuer knows the pages as a public client",
}  # fmt: skip


def short(name: str) -> str:
    """The name of a service's database, role and volume of secrets."""
    return name.removesuffix("-service")


@pytest.fixture
def text(pytestconfig: pytest.Config) -> str:
    return (pytestconfig.rootpath / "docker-compose.yml").read_text()


@pytest.fixture
def containers(text: str) -> dict[str, Container]:
    """The containers that run without a profile by name, with every variable at its default."""
    found: dict[str, Container] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))["services"]
    return {name: container for name, container in found.items() if "profiles" not in container}


def settings_of(container: Container) -> Settings:
    """What is in its environment; what is in files is not read."""
    told = {name: str(value or "") for name, value in container["environment"].items() if name not in FROM_FILES}
    return settings_from(told)


def test_there_is_a_process_for_each_service_and_what_they_need(containers: dict[str, Container]) -> None:
    assert set(containers) == {*SERVICE_NAMES, ISSUER, "proxy", *OURS_ONCE, *NOT_OURS}


def test_every_process_that_a_route_leads_to_is_a_container(containers: dict[str, Container]) -> None:
    assert {route.process for route in route_table() if route.process is not None} <= set(containers)


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_a_process_is_served_from_its_own_image_after_the_migrations(
    containers: dict[str, Container], name: str
) -> None:
    process = containers[name]
    assert process["command"][:2] == ["serve", name]
    assert process["image"] == f"tandem/{name}"
    assert process["build"].get("args") == (None if name == GATEWAY else {"SERVICE": name})
    assert process["depends_on"]["migrations"] == {"condition": "service_completed_successfully"}


def test_all_databases_are_migrated_once_they_are_there(containers: dict[str, Container]) -> None:
    script = containers["migrations"]["command"][0]
    [names] = re.findall(r"for process in ([\w -]+); do", script)
    assert sorted(names.split()) == sorted(SERVICE_NAMES)
    assert containers["migrations"]["depends_on"] == {"databases": {"condition": "service_completed_successfully"}}


def test_a_database_and_a_role_are_made_for_each(pytestconfig: pytest.Config) -> None:
    script = (pytestconfig.rootpath / "deploy" / "postgresql" / "databases.sh").read_text()
    [names] = re.findall(r"^for service in (.+); do$", script, re.MULTILINE)
    assert sorted(names.split()) == sorted(short(name) for name in SERVICE_NAMES)


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_a_process_is_given_its_own_secrets_alone(containers: dict[str, Container], name: str) -> None:
    hosts = [] if name == GATEWAY else ["./deploy/notifications:/etc/tandem/notifications:ro"]
    assert containers[name]["volumes"] == [f"{short(name)}-secrets:/secrets:ro", *hosts]
    files = {key: value for key, value in containers[name]["environment"].items() if key in FROM_FILES}
    assert files["TANDEM_DATABASE_URL_FILE"] == "/secrets/database-url"
    assert ("TANDEM_AMQP_URL_FILE" in files) == (name != GATEWAY)
    assert settings_of(containers[name]).service_key == "/secrets/service-key.pem"


def test_secrets_are_written_where_they_are_read(containers: dict[str, Container]) -> None:
    folders = {*(f"{short(name)}-secrets:/secrets-of/{name}" for name in SERVICE_NAMES),
               "postgres-secrets:/secrets-of/postgres", "rabbitmq-secrets:/secrets-of/rabbitmq"}  # fmt: skip
    assert set(containers["secrets"]["volumes"]) == folders
    assert set(containers["migrations"]["volumes"]) == {
        f"{short(name)}-secrets:/secrets-of/{name}:ro" for name in SERVICE_NAMES
    }
    assert "postgres-secrets:/secrets:ro" in containers["postgres"]["volumes"]
    assert "postgres-secrets:/secrets:ro" in containers["databases"]["volumes"]
    assert "rabbitmq-secrets:/secrets:ro" in containers["rabbitmq"]["volumes"]


def test_the_image_has_a_folder_for_every_secret(pytestconfig: pytest.Config) -> None:
    recipe = (pytestconfig.rootpath / "deploy" / "Dockerfile").read_text()
    [names] = re.findall(r"/secrets-of/%s \" ([\w -]+)\)", recipe)
    assert set(names.split()) == {*SERVICE_NAMES, "postgres", "rabbitmq"}


def test_no_password_is_written_in_the_file(text: str) -> None:
    assert not re.search(r"(?i)password(?!_FILE)\s*[:=]", text)
    assert not re.search(r"://[^/\s]*:[^/\s]*@", text)


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_a_process_is_told_where_every_service_is(containers: dict[str, Container], name: str) -> None:
    assert settings_of(containers[name]).services == {each: f"http://{each}:8000" for each in SERVICES}


def test_all_processes_agree_on_addresses_and_issuer(containers: dict[str, Container]) -> None:
    told = [settings_of(containers[name]) for name in (*SERVICE_NAMES, ISSUER)]
    assert {(each.public_url, each.issuer, each.audience) for each in told} == {
        ("https://localhost:8443", "https://localhost:8443", "https://localhost:8443/fhir")
    }
    keys = {settings_of(containers[name]).jwks_url for name in SERVICE_NAMES}
    assert keys == {"http://issuer:8000/.well-known/jwks.json"}
    assert [name for name in (*SERVICE_NAMES, ISSUER) if settings_of(containers[name]).issuer_data] == [ISSUER]


def test_only_the_proxy_is_published_and_on_the_loopback_address(containers: dict[str, Container]) -> None:
    published = {name: container["ports"] for name, container in containers.items() if "ports" in container}
    assert published == {"proxy": ["127.0.0.1:8443:8443"]}


def test_the_proxy_cannot_reach_the_databases_nor_they_the_outside(text: str, containers: dict[str, Container]) -> None:
    assert yaml.safe_load(text)["networks"]["back"] == {"internal": True}
    assert containers["proxy"]["networks"] == containers[ISSUER]["networks"] == ["front"]
    assert {tuple(containers[name]["networks"]) for name in (*NOT_OURS, "migrations")} == {("back",)}
    assert {tuple(containers[name]["networks"]) for name in SERVICE_NAMES} == {("front", "back")}
    assert containers["secrets"]["network_mode"] == "none"


def test_everything_of_ours_is_confined(pytestconfig: pytest.Config, containers: dict[str, Container]) -> None:
    for recipe in ("Dockerfile", "caddy/Dockerfile"):
        content = (pytestconfig.rootpath / "deploy" / recipe).read_text()
        assert re.search(r"^USER 10001:10001$", content, re.MULTILINE)
        assert not re.search(r":latest|^FROM \w+$", content, re.MULTILINE)
    for name, container in containers.items():
        if name in ("postgres", "rabbitmq"):
            continue
        assert container["read_only"] is True, name
        assert container["cap_drop"] == ["ALL"], name
        assert container["security_opt"] == ["no-new-privileges:true"], name
        assert container.get("user", "10001") in ("10001", "postgres"), name


def test_the_example_names_every_variable_that_can_be_set_and_no_other(
    pytestconfig: pytest.Config, text: str
) -> None:
    example = (pytestconfig.rootpath / ".env.example").read_text()
    named = re.findall(r"^#?(\w+)=", example, re.MULTILINE)
    # with two dollars it is a variable of a script in a container
    assert sorted(named) == sorted(set(re.findall(r"(?<!\$)\$\{(\w+)", text)))


def test_the_example_explains_every_variable_and_has_its_default(pytestconfig: pytest.Config, text: str) -> None:
    example = (pytestconfig.rootpath / ".env.example").read_text()
    for before, name, value in re.findall(r"^(.*)\n#(\w+)=(.*)$", example, re.MULTILINE):
        assert before.startswith("# "), f"{name} is explained right above it"
        [default] = set(re.findall(rf"\$\{{{name}:-([^}}]*)\}}", text))
        assert value == (default or str(getattr(Settings(), name.removeprefix("TANDEM_").lower()))), name


def test_every_setting_is_given_to_a_container_or_is_not_for_them(containers: dict[str, Container]) -> None:
    given = {name for container in containers.values() for name in container.get("environment", {})}
    given = {name.removesuffix("_FILE") if name in FROM_FILES else name for name in given}
    missing = {each.name for each in dataclasses.fields(Settings) if f"TANDEM_{each.name.upper()}" not in given}
    assert missing == set(NOT_IN_CONTAINERS)
