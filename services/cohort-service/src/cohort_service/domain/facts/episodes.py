"""EpisodeOfCare and Flag: what holds for a while (http://hl7.org/fhir/R4/episodeofcare.html, flag.html)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tandem.fhir.body import Resource
from tandem.record_facts.codings import facts_with
from tandem.record_facts.days import after_end_of, first_given
from tandem.record_facts.fact import UNDATED, Fact


def episode_facts(resource: Resource) -> list[Fact]:
    """The types of an episode that runs or has run; one that is planned or was cancelled says nothing."""
    status = resource.get("status")
    if status not in ("active", "onhold", "finished"):
        return []
    return _lasting(resource, resource.get("type") or (), over=status == "finished")


def flag_facts(resource: Resource) -> list[Fact]:
    """The code of a flag; one that is inactive has ended."""
    status = resource.get("status")
    if status not in ("active", "inactive"):
        return []
    return _lasting(resource, [resource.get("code")], over=status == "inactive")


def _lasting(resource: Resource, concepts: Sequence[Any], *, over: bool) -> list[Fact]:
    period = resource.get("period") or {}
    starts = first_given(period.get("start"))
    starts = UNDATED if starts is None else starts
    ends = after_end_of(period)
    return facts_with(concepts, starts, starts if ends is None and over else ends)
