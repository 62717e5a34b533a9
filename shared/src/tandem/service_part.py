"""A part of a service: what one area (lists, clocks, home rounds) adds to the declaration of its service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import MetaData

from tandem.service import (
    Check,
    Follower,
    Listener,
    Loop,
    Operation,
    PatientKeeper,
    Reaction,
    ResourceType,
    Rule,
    Service,
    Timer,
    Work,
)

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from tandem.pages.surroundings import PageSurroundings


@dataclass(frozen=True, slots=True)
class Part:
    """Rules and reactions by the type they belong to; the rest as in `tandem.service.Service`."""

    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    reactions: dict[str, tuple[Reaction, ...]] = field(default_factory=dict)
    listeners: tuple[Listener, ...] = ()
    timers: tuple[Timer, ...] = ()
    followers: tuple[Follower, ...] = ()
    patient_keepers: tuple[PatientKeeper, ...] = ()
    operations: tuple[Operation, ...] = ()
    emits: dict[str, str] = field(default_factory=dict)
    seeds: tuple[Callable[[Work], Awaitable[None]], ...] = ()
    checks: tuple[Check, ...] = ()
    overdue_clocks: str = ""
    pages: Callable[[PageSurroundings], Sequence[BaseRoute]] | None = None
    loops: tuple[Loop, ...] = ()


def service_of_parts(
    name: str, types: Iterable[str], metadata: MetaData, migrations: str, parts: Sequence[Part],
    versioned_update: frozenset[str] = frozenset(), answered_once: frozenset[str] = frozenset(), *,
    erases: Mapping[str, str] | None = None,
) -> Service:  # fmt: skip
    """The service whose areas these are. Rules and reactions of one type run in the order of the parts."""

    def of_type(each: str) -> ResourceType:
        return ResourceType(
            each,
            rules=tuple(chain.from_iterable(part.rules.get(each, ()) for part in parts)),
            reactions=tuple(chain.from_iterable(part.reactions.get(each, ()) for part in parts)),
            versioned_update=each in versioned_update,
            answered_once=each in answered_once,
        )

    async def seed(work: Work) -> None:
        for each in chain.from_iterable(part.seeds for part in parts):
            await each(work)

    return Service(
        name=name,
        types=tuple(map(of_type, types)),
        metadata=metadata,
        migrations=migrations,
        listeners=tuple(chain.from_iterable(part.listeners for part in parts)),
        followers=tuple(chain.from_iterable(part.followers for part in parts)),
        patient_keepers=tuple(chain.from_iterable(part.patient_keepers for part in parts)),
        timers=tuple(chain.from_iterable(part.timers for part in parts)),
        operations=tuple(chain.from_iterable(part.operations for part in parts)),
        emits={kind: meaning for part in parts for kind, meaning in part.emits.items()},
        seeds=seed,
        checks=tuple(chain.from_iterable(part.checks for part in parts)),
        overdue_clocks=next((part.overdue_clocks for part in parts if part.overdue_clocks), ""),
        loops=tuple(chain.from_iterable(part.loops for part in parts)),
        erases=erases or {},
        pages=next((part.pages for part in parts if part.pages is not None), None),
    )
