"""docker-compose.yml agrees with the ownership table, the settings and the databases that are created for it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tandem.fhir.ownership import SERVICES
from tandem.runtime.services import GATEWAY, SERVICE_NAMES
from tandem.settings import Settings, settings_from

Container = dict[str, Any]


def short(name: str) -> str:
    """The name of a service's database and role."""
    return name.removesuffix("-service")


@pytest.fixture
def containers(pytestconfig: pytest.Config) -> dict[str, Container]:
    """The containers by name, with every variable at its default."""
    text = (pytestconfig.rootpath / "docker-compose.yml").read_text()
    found: dict[str, Container] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))["services"]
    return found


def settings_of(container: Container) -> Settings:
    return settings_from({name: str(value) for name, value in container["environment"].items()})


def test_there_is_a_process_and_a_migration_for_each_service_and_the_gateway(containers: dict[str, Container]) -> None:
    migrations = {f"{short(name)}-migrate" for name in SERVICE_NAMES}
    assert set(containers) == {*SERVICE_NAMES, *migrations, "postgres", "rabbitmq", "service-key"}


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_a_process_is_migrated_first_from_the_same_image(containers: dict[str, Container], name: str) -> None:
    process, migration = containers[name], containers[f"{short(name)}-migrate"]
    assert process["command"][:2] == ["serve", name]
    assert migration["command"] == ["migrate", name]
    assert process["image"] == migration["image"] == f"tandem/{name}"
    assert process["build"] == migration["build"]
    assert process["depends_on"][f"{short(name)}-migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_an_image_is_for_one_service_and_the_gateways_for_none(containers: dict[str, Container], name: str) -> None:
    assert containers[name]["build"].get("args") == (None if name == GATEWAY else {"SERVICE": name})


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_a_process_is_told_its_own_database_alone(containers: dict[str, Container], name: str) -> None:
    settings = settings_of(containers[name])
    database = urlsplit(settings.database_url)
    assert (database.username, database.hostname, database.path) == (short(name), "postgres", f"/{short(name)}")
    assert settings_of(containers[f"{short(name)}-migrate"]).database_url == settings.database_url


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_a_process_is_told_where_every_service_is(containers: dict[str, Container], name: str) -> None:
    assert settings_of(containers[name]).services == {each: f"http://{each}:8000" for each in SERVICES}


def test_all_processes_agree_on_addresses_and_issuer(containers: dict[str, Container]) -> None:
    told = [settings_of(containers[name]) for name in SERVICE_NAMES]
    assert len({(each.public_url, each.issuer, each.jwks_url, each.audience, each.service_key) for each in told}) == 1
    assert [name for name in SERVICE_NAMES if settings_of(containers[name]).issuer_data] == [GATEWAY]


def test_a_database_is_created_for_each(pytestconfig: pytest.Config, containers: dict[str, Container]) -> None:
    script = (pytestconfig.rootpath / "deploy" / "postgresql" / "databases.sh").read_text()
    created = re.search(r"^for service in (.+); do$", script, re.MULTILINE)
    assert created
    names = created[1].split()
    last = names[-1]
    assert sorted(names) == sorted(short(name) for name in SERVICE_NAMES)
    assert f"-U {last} -d {last} " in containers["postgres"]["healthcheck"]["test"][1], "healthy when all are there"


def test_only_the_gateway_is_published_and_on_the_loopback_address(containers: dict[str, Container]) -> None:
    published = {name: container["ports"] for name, container in containers.items() if "ports" in container}
    assert published == {GATEWAY: ["127.0.0.1:8000:8000"]}


def test_everything_of_ours_is_confined(pytestconfig: pytest.Config, containers: dict[str, Container]) -> None:
    assert re.search(r"^USER 10001:10001$", (pytestconfig.rootpath / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    for name, container in containers.items():
        if name in ("postgres", "rabbitmq"):
            continue
        assert container["read_only"] is True, name
        assert container["cap_drop"] == ["ALL"], name
        assert container["security_opt"] == ["no-new-privileges:true"], name
        assert "user" not in container, name
