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


def canonical(line: str) -> str:
    return re.sub(r"[._]+", "-", re.split(r"[\[<>=!~; ]", line)[0]).lower()


def declared(manifest: Path) -> set[str]:
    return {canonical(line) for line in tomllib.loads(manifest.read_text())["project"]["dependencies"]}


def test_every_runtime_dependency_is_locked(pytestconfig: pytest.Config) -> None:
    root = pytestconfig.rootpath
    manifests: list[Path] = [root / "shared" / "pyproject.toml", *sorted(root.glob("services/*/pyproject.toml"))]
    assert len(manifests) == 6
    wanted = set[str]().union(*map(declared, manifests)) - {"tandem"}
    assert wanted <= set(pins((root / "requirements" / "runtime.lock").read_text()))


def test_what_services_bring_themselves_is_given_to_the_lock(pytestconfig: pytest.Config) -> None:
    root = pytestconfig.rootpath
    own = set[str]().union(*map(declared, sorted(root.glob("services/*/pyproject.toml")))) - {"tandem"}
    lines = (root / "requirements" / "services.in").read_text().splitlines()
    assert {canonical(line) for line in lines if line and not line.startswith("#")} == own
