"""The versions of the criteria: what ships with the service, and what was published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from referral_service.domain.suspected_cancer.criteria import Criteria, in_force
from referral_service.domain.suspected_cancer.criteria_file import criteria_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def shipped_criteria() -> dict[str, Criteria]:
    """The versions of `ng12_criteria.yaml`, by version."""
    path = files("referral_service.suspected_cancer") / "ng12_criteria.yaml"
    found: dict[str, Criteria] = {}
    for told in load_yaml(path.read_text(encoding="utf-8"))["versions"]:
        version = criteria_of(told, "", found)
        found[version.version] = version
    return found


async def all_criteria(connection: Connection) -> dict[str, Criteria]:
    """Every version, shipped and published, by version."""
    rows = await connection.fetch("SELECT area, content FROM cancer_criteria ORDER BY at, version")
    return dict(_with_published(tuple((row["area"], bytes(row["content"])) for row in rows)))


# What was published never changes, and every referral asks for it.
@lru_cache(maxsize=4)
def _with_published(published: tuple[tuple[str, bytes], ...]) -> dict[str, Criteria]:
    found = dict(shipped_criteria())
    for area, content in published:
        version = criteria_of(decode(content), area, found)
        found[version.version] = version
    return found


async def criteria_on(connection: Connection, areas: Collection[str], day: date) -> Criteria | None:
    """The version in force on a day in these areas (codes)."""
    return in_force((await all_criteria(connection)).values(), areas, day)


async def publish(connection: Connection, told: Any, criteria: Criteria, author: str, now: datetime) -> None:
    """Keep a version for good. Hold the criteria first."""
    await connection.execute(
        "INSERT INTO cancer_criteria (version, area, first_day, content, author, at) VALUES ($1, $2, $3, $4, $5, $6)",
        criteria.version, criteria.area, criteria.first.isoformat(), encode(told), author, to_micros(now),
    )  # fmt: skip
