"""The ways to a practice's Subscription: rows of `isolation_operations`."""

from __future__ import annotations

import json
from pathlib import Path

from tandem.demo.client import FhirClient
from tandem.subscriptions.hosts import HOSTS_FILE
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.running import EmbeddedTandem


def register_host(data: Path, organisation: str, name: str, **options: object) -> None:
    """Add a host of an organisation to the register of an embedded system, as an operator would."""
    path = data / HOSTS_FILE
    document = json.loads(path.read_text()) if path.exists() else {}
    document.setdefault(organisation, {})[name] = options
    # Put in place whole: the system may be reading it.
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(document))
    draft.replace(path)


async def keep(place: Place, practice: FhirClient) -> None:
    """The practice subscribes to what nobody will write."""
    system = place.here.system
    assert isinstance(system, EmbeddedTandem), "its register of hosts is a file beside it"
    register_host(system.data, place.here.codes["practice"], "hooks.practice.example")
    made = await practice.create({
        "resourceType": "Subscription", "status": "requested", "reason": "To be told",
        "criteria": "Task?status=entered-in-error",
        "channel": {"type": "rest-hook", "endpoint": "https://hooks.practice.example/told"},
    })  # fmt: skip
    place.kept["subscription"] = str(made["id"])


async def _replay(asking: Asking) -> str:
    return await asking.post(f"Subscription/{asking.place.kept['subscription']}/$replay", ("from", 1))


async def _renew_secret(asking: Asking) -> str:
    return await asking.post(f"Subscription/{asking.place.kept['subscription']}/$renew-secret")


OPERATIONS["POST Subscription/[id]/$replay"] = _replay
OPERATIONS["POST Subscription/[id]/$renew-secret"] = _renew_secret
