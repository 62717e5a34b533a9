"""Kinds of event: how they are named, matched by listeners, and turned into routing keys of the broker.

A kind is `fhir.<Type>.<create|update|delete>` or `tandem.<noun>.<past tense>`. A pattern is a kind, or `fhir.<Type>.*`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

_FHIR = "fhir."


def matches(pattern: str, kind: str) -> bool:
    """Whether a listener's pattern takes in this kind."""
    if pattern.endswith(".*"):
        return kind.startswith(pattern[:-1])
    return pattern == kind


@lru_cache(maxsize=16_384)
def any_matches(patterns: tuple[str, ...], kind: str) -> bool:
    """Whether any of these patterns takes in this kind; asked of every event, and there are few kinds."""
    return any(matches(pattern, kind) for pattern in patterns)


def widened(patterns: Iterable[str]) -> tuple[str, ...]:
    """What a consumer has to receive so that its listeners can be served, sorted and without repeats.

    A pattern of one action of a type becomes all actions of it: without every version, a consumer could not tell a
    version that is late from one that it never asked for. Raises ValueError for what is no pattern.
    """
    return tuple(sorted({_widened(pattern) for pattern in patterns}))


def routing_key(kind: str) -> str:
    """The routing key of a kind, or the binding key of a pattern: `Task.create`, `Task.*`, `tandem.cohort.entered`."""
    return kind.removeprefix(_FHIR)


def spelled_out(patterns: Iterable[str]) -> list[str]:
    """The kinds that the patterns take in, each by its full name."""
    kinds: list[str] = []
    for pattern in patterns:
        stem = pattern.removesuffix("*")
        kinds += [pattern] if stem == pattern else [stem + action for action in ("create", "update", "delete")]
    return kinds


def _widened(pattern: str) -> str:
    words = pattern.split(".")
    if len(words) < 3 or not all(words) or words[0] not in ("fhir", "tandem"):
        raise ValueError(f"{pattern!r} is no kind of event")
    if words[0] == "fhir":
        if len(words) != 3:
            raise ValueError(f"{pattern!r} is no kind of event")
        return f"fhir.{words[1]}.*"
    if "*" in pattern:
        raise ValueError(f"{pattern!r}: domain events are named one by one")
    return pattern
