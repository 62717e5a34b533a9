"""The versions of the policy: what ships with the service, and what was published."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from functools import lru_cache
from importlib.resources import files

from mdt_service.domain.home_rounds.policy import RoundPolicy, in_force, policy_of, told_of
from tandem.database.connection import Connection
from tandem.london_days import day_number
from tandem.yaml_text import load_yaml


class VersionHeld(Exception):
    """A version of this name, or from this day on, is published for the area."""


@lru_cache(maxsize=1)
def shipped_policies() -> tuple[RoundPolicy, ...]:
    """The versions of `round_policy.yaml`."""
    told = load_yaml((files("mdt_service.home_rounds") / "round_policy.yaml").read_text(encoding="utf-8"))
    return tuple(policy_of(each) for each in told)


async def policies(connection: Connection) -> list[RoundPolicy]:
    """Every version, shipped and published, by area and first day."""
    rows = await connection.fetch("SELECT content FROM round_policy ORDER BY area, first_day")
    found = [*shipped_policies(), *(policy_of(json.loads(row["content"])) for row in rows)]
    return sorted(found, key=lambda each: (each.area, each.first))


async def policy_on(connection: Connection, areas: Collection[str], day: date) -> RoundPolicy:
    """The version in force on a day in these areas."""
    return in_force(await policies(connection), areas, day)


async def publish(connection: Connection, policy: RoundPolicy) -> None:
    """Keep a version for good. Raises VersionHeld."""
    if any(
        each.area == policy.area and (each.version == policy.version or each.first == policy.first)
        for each in await policies(connection)
    ):
        raise VersionHeld
    kept = await connection.execute(
        "INSERT INTO round_policy (area, version, first_day, content) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        policy.area, policy.version, day_number(policy.first), json.dumps(told_of(policy)),
    )  # fmt: skip
    # Somebody else may have published it between the look and here.
    if kept != 1:
        raise VersionHeld
