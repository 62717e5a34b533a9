"""The lock files pin everything by hash, name no address, and hold what the packages ask for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

LOCKS = ["requirements.lock", "requirements/runtime.lock"]


def pins(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_each_pin_has_hashes_and_there_is_no_address(pytestconfig: pytest.Config, name: str) -> None:
    text = (pytestconfig.rootpath / name).read_text()
    assert pins(text)
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|^\s*-[ie]\b|index-url|find-links", text, re.MULTILINE)


def test_the_image_runs_what_was_tested(pytestconfig: pytest.Config) -> None:
    whole, runtime = (pins((pytestconfig.rootpath / name).read_text()) for name in LOCKS)
    assert runtime.items() <= whole.items()


def test_every_runtime_dependency_is_locked(pytestconfig: pytest.Config) -> None:
    manifest = (pytestconfig.rootpath / "shared" / "pyproject.toml").read_text()
    declared = tomllib.loads(manifest)["project"]["dependencies"]
    names = {re.sub(r"[._]+", "-", re.split(r"[\[<>=!~; ]", line)[0]).lower() for line in declared}
    assert names <= set(pins((pytestconfig.rootpath / "requirements" / "runtime.lock").read_text()))


def test_services_bring_no_dependencies_of_their_own(pytestconfig: pytest.Config) -> None:
    manifests: list[Path] = sorted(pytestconfig.rootpath.glob("services/*/pyproject.toml"))
    assert len(manifests) == 5
    for manifest in manifests:
        assert tomllib.loads(manifest.read_text())["project"]["dependencies"] == ["tandem"], manifest.parent.name
