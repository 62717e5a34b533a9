"""What is stuck in a process, from its state, each with the command that shows more or sets it going."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tandem.telemetry.state import State

LATE_SECONDS = 60.0
"""Events and timed events that wait longer are stuck; a write is usually everywhere within a second."""


class Problem(msgspec.Struct, frozen=True):
    """What is wrong in a service, and what to do first."""

    service: str
    what: str
    do: str


def problems_of(state: State) -> list[Problem]:
    """Everything that is stuck there."""
    found = (*_schema(state), *_sending(state), *_taking(state), *_leading(state))
    return [Problem(state.service, what, do) for what, do in found]


def _schema(state: State) -> Iterator[tuple[str, str]]:
    if state.migration != state.newest_migration:
        yield (
            f"its database has schema {state.migration}, its release {state.newest_migration}",
            f"tandem migrate {state.service}, or start the newer release",
        )


def _sending(state: State) -> Iterator[tuple[str, str]]:
    if state.outbox and state.outbox_seconds > LATE_SECONDS:
        yield (
            f"{state.outbox} events wait to be published, the oldest for {state.outbox_seconds:.0f} s",
            "look whether RabbitMQ answers, and for a transaction that stays open in its database",
        )
    if state.late_timers and state.late_timers_seconds > LATE_SECONDS:
        yield (
            f"{state.late_timers} timed events have not fired, the first {state.late_timers_seconds:.0f} s late",
            f"see the log of {state.service} for `timed events`",
        )


def _taking(state: State) -> Iterator[tuple[str, str]]:
    for flow in state.inbox:
        if flow.behind and flow.seconds is not None and flow.seconds > LATE_SECONDS:
            yield (
                f"it is {flow.behind} events and {flow.seconds:.0f} s behind {flow.source}",
                f"look whether RabbitMQ and {flow.source} answer; see the log of {state.service}",
            )
    if dead := state.parked.get("dead"):
        yield (
            f"{dead} dead letters",
            f"tandem events dead-letters list --service {state.service}; then `replay --all` when it is mended",
        )
    for name, why in (("waiting", "a version before them is missing"), ("retry", "a handler failed")):
        if state.parked.get(name) and state.parked_seconds.get(name, 0.0) > LATE_SECONDS:
            yield (
                f"{state.parked[name]} events wait because {why}, the oldest for {state.parked_seconds[name]:.0f} s",
                f"see the log of {state.service} for `parks` and `attempt`",
            )
    if state.feed_behind:
        yield (
            "what it knows of who may see whom is old: it serves registered practices alone",
            "look which event of an organisation, agreement or care team is parked, and whether cohort-service answers",
        )


def _leading(state: State) -> Iterator[tuple[str, str]]:
    for lease in state.leases:
        if lease.seconds < -LATE_SECONDS:
            yield (
                f"nobody has held the lease {lease.name} for {-lease.seconds:.0f} s",
                f"restart {state.service}",
            )
    for name, runs in state.loops.items():
        if not runs:
            yield f"its background task {name} has ended", f"restart {state.service}, and keep its log"
