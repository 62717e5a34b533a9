"""A part of cohort-service: what one area (lists, networks, invitations) adds to the declaration of the service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tandem.service import Follower, Listener, Operation, Reaction, Rule, Timer, Work


@dataclass(frozen=True, slots=True)
class Part:
    """Rules and reactions by the type they belong to; the rest as in `tandem.service.Service`."""

    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    reactions: dict[str, tuple[Reaction, ...]] = field(default_factory=dict)
    listeners: tuple[Listener, ...] = ()
    timers: tuple[Timer, ...] = ()
    followers: tuple[Follower, ...] = ()
    operations: tuple[Operation, ...] = ()
    emits: dict[str, str] = field(default_factory=dict)
    seeds: tuple[Callable[[Work], Awaitable[None]], ...] = ()
