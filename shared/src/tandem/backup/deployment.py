"""Which databases a deployment has: by a data directory, or by a list of `service=url`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from tandem.backup.refusal import Refused
from tandem.runtime.services import SERVICE_NAMES

Databases = Mapping[str, str]
"""The URL of each database by the name of its service; the gateway is one of them."""

# A URL of several hosts has commas too: only one before a name divides.
_BETWEEN = re.compile(r",\s*(?=[a-z]+(?:-service)?=)")


def kind_of(url: str) -> Literal["sqlite", "postgresql"]:
    """What kind of database a URL names."""
    return "sqlite" if url.startswith("sqlite:///") else "postgresql"


def databases_of(data: Path | None, named: str | None) -> dict[str, str]:
    """The six databases in `data`, or those in a list such as `cohort-service=postgresql://…,gateway=postgresql://…`.

    Raises Refused for neither or both, a name that is no service, and one that is there twice.
    """
    if (data is None) == (not named):
        raise Refused("give either --data DIR or --databases service=url,… (TANDEM_DATABASES)")
    if data is not None:
        return {name: f"sqlite:///{data / name}.sqlite" for name in SERVICE_NAMES}
    found: dict[str, str] = {}
    for entry in _BETWEEN.split((named or "").strip().strip(",")):
        name, _, url = entry.partition("=")
        if name not in SERVICE_NAMES or not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise Refused(f"--databases is a list of service=url; the services are {', '.join(SERVICE_NAMES)}")
        if name in found:
            raise Refused(f"{name} is in --databases twice")
        found[name] = url
    return found
