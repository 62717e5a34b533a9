"""Test data that lies beside the project and is never part of it: real FHIR records and official examples."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tandem_tests.loud_skips import skip_loudly


@pytest.fixture(scope="session")
def tandem_shared(pytestconfig: pytest.Config) -> Path:
    """The folder `shared` beside the project, or the one TANDEM_SHARED names; a loud skip where there is none."""
    given = os.environ.get("TANDEM_SHARED")
    folder = Path(given) if given else pytestconfig.rootpath.parent / "shared"
    if not (folder / "data").is_dir():
        skip_loudly("test data", "there is no folder ../shared with data in it, nor one that TANDEM_SHARED names")
    return folder


@pytest.fixture(scope="session")
def shared_data(tandem_shared: Path) -> Path:
    """The records themselves: the folder `data` of `tandem_shared`."""
    return tandem_shared / "data"
