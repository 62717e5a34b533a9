"""Values that the chart refuses, each with its name, before anything is sent to a cluster."""

from __future__ import annotations

from typing import Any

import helm_python
import pytest

from tandem_tests.helm_chart import example, manifests

FEW = {"replicas": 1}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a misspelt name": ({"issuerUrl": "https://issuer.example"}, "issuerUrl"),
    "a misspelt name further down": ({"database": {"hosts": "postgresql.example"}}, "hosts"),
    "no registry": ({"image": {"registry": ""}}, "registry"),
    "a tag that moves": ({"image": {"tag": "latest"}}, "tag"),
    "no public address": ({"publicUrl": ""}, "publicUrl"),
    "a public address without TLS": ({"publicUrl": "http://tandem.example"}, "publicUrl"),
    "a public address with a path": ({"publicUrl": "https://tandem.example/fhir"}, "publicUrl"),
    "no issuer": ({"issuer": {"url": ""}}, "issuer"),
    "an issuer without TLS": ({"issuer": {"url": "http://issuer.example"}}, "issuer"),
    "no database": ({"database": {"host": ""}}, "database"),
    "a database that nobody vouches for": ({"database": {"authority": {"secret": ""}}}, "authority"),
    "a password of a database": ({"database": {"password": "a password"}}, "password"),
    "a broker that nobody vouches for": ({"rabbitmq": {"authority": {"secret": ""}}}, "authority"),
    "a port": ({"rabbitmq": {"port": 70_000}}, "port"),
    "no service key": ({"secrets": {"serviceKey": {"secret": ""}}}, "serviceKey"),
    "a service that does not exist": ({"services": {"audit-service": FEW}}, "audit-service"),
    "one replica": ({"services": {"mdt-service": FEW}}, "mdt-service"),
    "a pool": ({"services": {"gateway": {"poolSize": 500}}}, "poolSize"),
    "no limit of memory": ({"services": {"gateway": {"resources": {"limits": {"memory": "lots"}}}}}, "memory"),
    "a way to scale": ({"autoscaling": {"by": "luck"}}, "autoscaling"),
    "more at least than at most": (
        {"services": {"gateway": {"autoscaling": {"minReplicas": 6, "maxReplicas": 3}}}},
        "services.gateway.autoscaling.maxReplicas",
    ),
    "scaling by what is not there": ({"autoscaling": {"by": "keda"}}, "autoscaling.prometheusUrl"),
    "a level of logs": ({"settings": {"logLevel": "TRACE"}}, "logLevel"),
    "a size out of range": ({"settings": {"maxResource": 1024**3}}, "maxResource"),
    "a setting that the chart says itself": ({"moreSettings": {"TANDEM_ISSUER_DATA": "/issuer"}}, "TANDEM_ISSUER_DATA"),
    "a secret among settings": ({"moreSettings": {"TANDEM_SERVICE_KEY_PREVIOUS": "x"}}, "TANDEM_SERVICE_KEY_PREVIOUS"),
    "a variable that is no setting": ({"moreSettings": {"PGPASSWORD": "x"}}, "PGPASSWORD"),
    "a backup to nowhere": ({"backup": {"enabled": True, "image": "registry.example/backup:1"}}, "claim"),
    "a backup by an image that moves": ({"backup": {"enabled": True, "image": "backup:latest", "claim": "b"}}, "image"),
    "a time that is none": ({"backup": {"schedule": "at night"}}, "schedule"),
    "a way in": ({"routing": {"by": "nodePort"}}, "routing"),
    "a Gateway without a name": ({"routing": {"by": "gateway-api"}}, "routing.gatewayApi.gateway.name"),
    "no way to the database": ({"networkPolicy": {"database": []}}, "database"),
    "no way to the issuer": ({"networkPolicy": {"issuer": []}}, "issuer"),
    "a peer that is none": ({"networkPolicy": {"rabbitmq": [{"cidr": "10.0.0.0/8"}]}}, "rabbitmq"),
    "no time to leave": ({"shutdown": {"beforeSignalSeconds": 0}}, "beforeSignalSeconds"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "named"), REFUSED.values(), ids=REFUSED)
def test_refused_with_its_name(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(helm_python.HelmError, match=named.replace(".", r"[./]")):
        manifests(example("smallest", **changed))


def test_nothing_is_made_of_the_defaults_alone() -> None:
    with pytest.raises(helm_python.HelmError, match="publicUrl"):
        manifests({})
