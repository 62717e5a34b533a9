"""Keeping memberships in step with what cohort-service says, in whatever order it is heard.

The newest revision says whether the person has left; the newest that told of an entering says since when.
"""

from __future__ import annotations

from typing import Any, Final

from tandem.events.event import Event
from tandem.service import Work

ENTERED: Final = "tandem.cohort.entered"
LEFT: Final = "tandem.cohort.left"

_NEWER = "cohort_member.revision < excluded.revision"
_ENTER = f"""INSERT INTO cohort_member (residency, cohort, patient, revision, definition, since, entered)
VALUES ($1, $2, $3, $4, $5, $6, $4) ON CONFLICT (residency) DO UPDATE SET
  since = CASE WHEN cohort_member.entered < excluded.entered THEN excluded.since ELSE cohort_member.since END,
  entered = CASE WHEN cohort_member.entered < excluded.entered THEN excluded.entered ELSE cohort_member.entered END,
  until = CASE WHEN {_NEWER} THEN NULL ELSE cohort_member.until END,
  definition = CASE WHEN {_NEWER} THEN excluded.definition ELSE cohort_member.definition END,
  revision = CASE WHEN {_NEWER} THEN excluded.revision ELSE cohort_member.revision END"""
_LEAVE = f"""INSERT INTO cohort_member (residency, cohort, patient, revision, definition, until, entered)
VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT (residency) DO UPDATE SET
  until = excluded.until, definition = excluded.definition, revision = excluded.revision WHERE {_NEWER}"""


async def enter(event: Event, work: Work) -> None:
    """Somebody is on a list, or is so since another day."""
    data = event.data or {}
    await work.connection.execute(_ENTER, *_membership(data), str(data["since"]))


async def leave(event: Event, work: Work) -> None:
    """Somebody is off a list; kept also when the entering was not heard of yet, so that it does not undo it later."""
    data = event.data or {}
    await work.connection.execute(_LEAVE, *_membership(data), str(data["until"]))


def _membership(data: dict[str, Any]) -> tuple[str, str, str, int, str]:
    patient = str(data["patient"]).removeprefix("Patient/")
    return str(data["residency"]), str(data["cohort"]), patient, int(data["revision"]), str(data["definition"])
