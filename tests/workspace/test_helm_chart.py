"""The Helm chart: lint, the schemas of Kubernetes, and what every pod of it must and must not be."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import helm_python
import kubernetes_validate
import pytest
import yaml
from render_chart_files import FILES, ROOT, chart_files

from tandem.deployment.broker_definitions import rights, topology_definitions
from tandem.events.rabbitmq_topology import Topology
from tandem.fhir.ownership import SERVICES
from tandem.runtime.services import GATEWAY, SERVICE_NAMES
from tandem.settings import Settings, settings_from
from tandem_tests.helm_chart import (
    CHART,
    EXAMPLES,
    KUBERNETES,
    Manifest,
    environment,
    example,
    manifests,
    manifests_of,
    of_kind,
    pods,
    secret_variables,
)

WITHOUT_SCHEMA = {
    "Binding", "Exchange", "HTTPRoute", "Permission", "PodMonitor", "Policy", "PrometheusRule", "Queue",
    "ScaledObject", "TriggerAuthentication", "User", "Vhost",
}  # fmt: skip
"""Resources of operators, which are no part of Kubernetes and have no schema here."""
each_example = pytest.mark.parametrize("name", EXAMPLES)
each_release = pytest.mark.parametrize("kubernetes", KUBERNETES)


@each_example
@each_release
def test_lint_finds_nothing(name: str, kubernetes: str) -> None:
    found = helm_python.lint(str(CHART), example(name), strict=True, kube_version=f"v{kubernetes}.0")
    assert [message for message in found["messages"] if message["severity"] >= 2] == []


@each_example
@each_release
def test_every_manifest_is_what_kubernetes_expects(name: str, kubernetes: str) -> None:
    unknown = set()
    for manifest in manifests_of(name):
        try:
            kubernetes_validate.validate(manifest, kubernetes, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            unknown.add(manifest["kind"])
    assert unknown <= WITHOUT_SCHEMA


def test_a_field_that_kubernetes_does_not_know_is_found() -> None:
    deployment = json.loads(json.dumps(of_kind(manifests_of("smallest"), "Deployment")[GATEWAY]))
    deployment["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        kubernetes_validate.validate(deployment, KUBERNETES[0], strict=True)


@each_example
def test_names_are_unique_and_of_one_namespace(name: str) -> None:
    named = [(each["apiVersion"], each["kind"], each["metadata"]["name"]) for each in manifests_of(name)]
    assert len(named) == len(set(named))
    assert {each["metadata"]["namespace"] for each in manifests_of(name)} == {"care"}


def test_the_files_of_the_chart_are_those_of_the_project() -> None:
    assert {path.name: path.read_text() for path in FILES.iterdir()} == chart_files()


@each_example
def test_a_pod_has_no_rights(name: str) -> None:
    found = dict(pods(manifests_of(name)))
    assert len(found) >= 2 * len(SERVICE_NAMES)
    for what, pod in found.items():
        assert pod["automountServiceAccountToken"] is False, what
        assert pod["enableServiceLinks"] is False, f"{what}: variables of other Services are unknown settings"
        assert pod["securityContext"]["runAsNonRoot"] is True, what
        assert pod["securityContext"]["runAsUser"] == 10001, what
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, what
        assert not {"hostNetwork", "hostPID", "hostIPC", "serviceAccountName"} & set(pod), what
        assert all("hostPath" not in volume for volume in pod["volumes"]), what
        for container in pod["containers"]:
            confined = container["securityContext"]
            assert confined["readOnlyRootFilesystem"] is True, what
            assert confined["allowPrivilegeEscalation"] is False, what
            assert confined["capabilities"] == {"drop": ["ALL"]}, what


@each_example
def test_a_pod_says_what_it_needs(name: str) -> None:
    for what, pod in pods(manifests_of(name)):
        for container in pod["containers"]:
            assert {"cpu", "memory"} <= set(container["resources"]["requests"]), what
            assert "memory" in container["resources"]["limits"], what
            assert ":latest" not in container["image"], what
            assert ":" in container["image"], what


@each_example
def test_no_secret_is_in_a_manifest(name: str) -> None:
    found = manifests_of(name)
    assert not of_kind(found, "Secret")
    for what, pod in pods(found):
        assert {"PGPASSWORD", "PASSWORD_OF_COHORT"} & set(secret_variables(pod)), what
        for variable, value in environment(pod).items():
            assert "PASSWORD" not in variable, what
            password = urlsplit(value).password if value.startswith(("postgresql:", "amqps:")) else None
            assert password in (None, "$(RABBITMQ_PASSWORD)"), f"{what}: {variable}"
            given = re.findall(r"://[^:@,/]+:([^@,]+)@", value)
            assert all(re.fullmatch(r"\$\(\w+\)", each) for each in given), f"{what}: {variable}"


@each_example
def test_a_release_is_rolled_out_without_a_gap(name: str) -> None:
    deployments = of_kind(manifests_of(name), "Deployment")
    budgets = of_kind(manifests_of(name), "PodDisruptionBudget")
    assert set(deployments) == set(budgets) == set(SERVICE_NAMES)
    for process, deployment in deployments.items():
        assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
        assert budgets[process]["spec"]["maxUnavailable"] == 1
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert budgets[process]["spec"]["selector"]["matchLabels"].items() <= labels.items()
        pod = deployment["spec"]["template"]["spec"]
        container = pod["containers"][0]
        assert container["startupProbe"]["httpGet"] == container["livenessProbe"]["httpGet"]
        assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
        assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
        leaves = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        ends = Settings().drain_seconds + Settings().stop_seconds
        assert 0 < leaves < leaves + ends < pod["terminationGracePeriodSeconds"], "else it is killed at its work"
        keys = {each["topologyKey"]: each["labelSelector"]["matchLabels"] for each in pod["topologySpreadConstraints"]}
        assert set(keys) == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        assert all(selector.items() <= labels.items() for selector in keys.values())


@each_example
def test_nothing_has_fewer_than_two_replicas(name: str) -> None:
    found = manifests_of(name)
    scaled = {**of_kind(found, "HorizontalPodAutoscaler"), **of_kind(found, "ScaledObject")}
    assert set(scaled) == set(SERVICE_NAMES)
    for process, scaler in scaled.items():
        least = scaler["spec"].get("minReplicas", scaler["spec"].get("minReplicaCount"))
        assert least >= 2
        assert scaler["spec"]["scaleTargetRef"]["name"] == f"tandem-{process}"
        assert "replicas" not in of_kind(found, "Deployment")[process]["spec"], "the autoscaler's, not the release's"


def test_without_autoscaling_the_replicas_are_those_of_the_values() -> None:
    found = manifests(example("smallest", autoscaling={"by": "none"}))
    assert not of_kind(found, "HorizontalPodAutoscaler")
    assert {each["spec"]["replicas"] for each in of_kind(found, "Deployment").values()} == {2}


@each_example
def test_settings_are_those_that_a_process_reads(name: str) -> None:
    for process, deployment in of_kind(manifests_of(name), "Deployment").items():
        pod = deployment["spec"]["template"]["spec"]
        told = {each: value for each, value in environment(pod).items() if each.startswith("TANDEM_")}
        settings = settings_from(told)
        short = process.removesuffix("-service")
        assert settings.database_url.startswith(f"postgresql://{short}@")
        assert f"/{short}?sslmode=verify-full&sslrootcert=/etc/tandem/database/ca.crt" in settings.database_url
        assert settings.amqp_url.startswith("amqps://") is (process != GATEWAY)
        assert set(settings.services) == set(SERVICES)
        assert settings.public_url == "https://tandem.example"
        assert settings.issuer_data == "", "there is no local issuer in a cluster"
        assert settings.service_key == "/etc/tandem/identity/service-key.pem"
        (identity,) = (each["secret"] for each in pod["volumes"] if each["name"] == "service-key")
        assert "items" not in identity, "the keys beside it count while it is rotated"
        assert pod["containers"][0]["args"][:2] == ["serve", process]
        assert settings_from({each: "x" * 16 for each in secret_variables(pod) if each.startswith("TANDEM_")})


def test_the_secret_of_links_can_be_rotated() -> None:
    changed = example("network", secrets={"pageSecretsAccepted": {"secret": "links", "key": "accepted"}})
    for deployment in of_kind(manifests(changed), "Deployment").values():
        told = secret_variables(deployment["spec"]["template"]["spec"])
        assert told["TANDEM_PAGE_SECRETS_ACCEPTED"] == {"name": "links", "key": "accepted"}


def test_a_service_is_found_at_the_address_that_the_others_are_told() -> None:
    found = manifests_of("smallest")
    services, deployments = of_kind(found, "Service"), of_kind(found, "Deployment")
    told = environment(deployments[GATEWAY]["spec"]["template"]["spec"])["TANDEM_SERVICES"]
    for process, url in settings_from({"TANDEM_SERVICES": told}).services.items():
        service = services[process]
        assert url == f"http://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
        selector = service["spec"]["selector"]
        assert [other for other in SERVICE_NAMES if _chosen(selector, deployments[other])] == [process]


def _chosen(selector: dict[str, str], deployment: Manifest) -> bool:
    return selector.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()


@each_example
def test_migrations_run_before_a_release_and_from_its_images(name: str) -> None:
    found = manifests_of(name)
    jobs, deployments = of_kind(found, "Job"), of_kind(found, "Deployment")
    assert set(jobs) == {f"{process}-migrate" for process in SERVICE_NAMES}
    for process in SERVICE_NAMES:
        job = jobs[f"{process}-migrate"]
        assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
        pod, served = job["spec"]["template"]["spec"], deployments[process]["spec"]["template"]["spec"]
        assert pod["restartPolicy"] == "Never"
        assert pod["containers"][0]["image"] == served["containers"][0]["image"]
        assert pod["containers"][0]["args"] == ["migrate", process]
        for where in (environment, secret_variables):
            own: dict[str, Any] = where(pod)
            assert own.items() <= where(served).items()
        assert not any("configMap" in volume for volume in pod["volumes"]), "made after the hooks, on the first install"


def test_prometheus_is_given_every_replica_and_the_rules_of_the_project() -> None:
    found = manifests_of("network")
    rules = of_kind(found, "PrometheusRule")["tandem"]["spec"]
    assert rules == yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())
    assert 'job="tandem"' in json.dumps(rules).replace("\\", "")
    monitor = of_kind(found, "PodMonitor")["tandem"]["spec"]
    chosen = monitor["selector"]["matchExpressions"][0]["values"]
    assert sorted(chosen) == sorted(SERVICE_NAMES)
    for deployment in of_kind(found, "Deployment").values():
        template = deployment["spec"]["template"]
        assert monitor["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        assert template["metadata"]["labels"][monitor["jobLabel"]] == "tandem"
        assert template["spec"]["containers"][0]["ports"][0]["name"] == monitor["podMetricsEndpoints"][0]["port"]


def test_what_users_of_the_broker_may_not_make_is_made_for_them() -> None:
    found = [each for each in manifests_of("network") if each["apiVersion"] == "rabbitmq.com/v1beta1"]
    defined = topology_definitions({}, virtual_host="tandem")
    made = [
        {"vhost": each["vhost"], "name": each["name"], "type": each["type"], "durable": each["durable"]}
        for each in (manifest["spec"] for manifest in found if manifest["kind"] == "Exchange")
    ]
    asked = [{name: each[name] for name in ("vhost", "name", "type", "durable")} for each in defined["exchanges"]]
    assert made == asked
    (queue,), (binding,) = ([m["spec"] for m in found if m["kind"] == kind] for kind in ("Queue", "Binding"))
    graveyard = {"name": queue["name"], "arguments": {"x-queue-type": queue["type"]}}
    assert [{name: each[name] for name in ("name", "arguments")} for each in defined["queues"]] == [graveyard]
    assert [(binding["source"], binding["destination"])] == [
        (each["source"], each["destination"]) for each in defined["bindings"]
    ]
    assert all(each["spec"]["rabbitmqClusterReference"]["name"] == "rabbitmq" for each in found)


def test_a_user_of_the_broker_has_the_rights_of_the_definitions_file() -> None:
    found = manifests_of("network")
    permissions, deployments = of_kind(found, "Permission"), of_kind(found, "Deployment")
    assert set(permissions) == set(of_kind(found, "User")) == set(SERVICES)
    for service in SERVICES:
        assert permissions[service]["spec"]["permissions"] == rights(service, Topology())
        told = secret_variables(deployments[service]["spec"]["template"]["spec"])["RABBITMQ_PASSWORD"]["name"]
        assert of_kind(found, "User")[service]["spec"]["importCredentialsSecret"]["name"] == told


def test_a_backup_is_of_every_database_as_its_process_reaches_it() -> None:
    found = manifests_of("network")
    job = of_kind(found, "CronJob")["backup"]
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert pod["volumes"][1]["persistentVolumeClaim"] == {"claimName": "tandem-backups"}
    told = dict(pair.split("=", 1) for pair in environment(pod)["TANDEM_DATABASES"].split(","))
    secrets = secret_variables(pod)
    for process, deployment in of_kind(found, "Deployment").items():
        served = deployment["spec"]["template"]["spec"]
        short = process.removesuffix("-service")
        password = f"PASSWORD_OF_{short.upper()}"
        assert told.pop(process).replace(f":$({password})@", "@") == environment(served)["TANDEM_DATABASE_URL"]
        assert secrets.pop(password) == secret_variables(served)["PGPASSWORD"]
    assert (told, secrets) == ({}, {})


def test_the_connections_that_the_capacity_page_counts_are_those_of_the_chart() -> None:
    with helm_python.Chart.load(str(CHART)) as chart:
        values = chart.merge_values(example("smallest"))["services"]

    def connections(replicas: str, more: int) -> int:
        # One that listens is opened beside the pool of a service.
        return sum(
            (int(own["autoscaling"][replicas]) + more) * (int(own["poolSize"]) + (process != GATEWAY))
            for process, own in values.items()
        )

    counted = [connections("minReplicas", 0), connections("minReplicas", 1), connections("maxReplicas", 1)]
    page = (ROOT / "docs" / "operations" / "capacity.md").read_text()
    section = page.partition("## Connections")[2].partition("\n## ")[0]
    assert [int(number) for number in re.findall(r"\| (\d+) \|$", section, re.MULTILINE)] == counted
