"""The Helm chart of deploy/kubernetes, rendered by Helm's own engine without a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import yaml

KUBERNETES = ("1.30", "1.37")
"""The oldest release of Kubernetes that the chart is for, and the newest whose schemas there are."""
_FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "kubernetes"
CHART = _FOLDER / "tandem"
EXAMPLES = {path.stem: path for path in sorted((_FOLDER / "examples").glob("*.yaml"))}
Manifest = dict[str, Any]
Values = dict[str, Any]


def example(name: str, **changed: Any) -> Values:
    """The values of an example; `changed` is laid over it, folder by folder."""
    values: Values = _over(yaml.safe_load(EXAMPLES[name].read_text()), changed)
    return values


def _over(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {name: _over(below.get(name), value) for name, value in above.items()}


def manifests(values: Values) -> list[Manifest]:
    """What Helm would send to a cluster, in a release `tandem` of a namespace `care`. Raises helm_python.HelmError."""
    with helm_python.Chart.load(CHART) as chart:
        rendered = chart.render(values, name="tandem", namespace="care")
    texts = [text for name, text in sorted(rendered.items()) if name.endswith(".yaml")]
    return [manifest for text in texts for manifest in yaml.safe_load_all(text) if manifest]


@cache
def manifests_of(name: str) -> list[Manifest]:
    """Those of an example. They are shared between tests: nobody changes them."""
    return manifests(example(name))


def of_kind(found: list[Manifest], kind: str) -> dict[str, Manifest]:
    """The manifests of a kind by name, without that of the release."""
    return {each["metadata"]["name"].removeprefix("tandem-"): each for each in found if each["kind"] == kind}


def pods(found: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Every template of a pod: what it is of, and its spec."""
    for manifest in found:
        spec = manifest.get("spec", {})
        if manifest["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if "template" in spec:
            yield f"{manifest['kind']} {manifest['metadata']['name']}", spec["template"]["spec"]


def environment(pod: Manifest) -> dict[str, str]:
    """The variables of a pod's container whose value is in the manifest."""
    return {each["name"]: each["value"] for each in pod["containers"][0]["env"] if "value" in each}


def secret_variables(pod: Manifest) -> dict[str, dict[str, str]]:
    """The variables of a pod's container that are taken from a secret: name and key."""
    found = pod["containers"][0]["env"]
    return {each["name"]: each["valueFrom"]["secretKeyRef"] for each in found if "valueFrom" in each}
