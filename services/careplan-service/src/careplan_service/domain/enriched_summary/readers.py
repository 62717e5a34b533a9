"""Who may read the enriched summary of a person who consented to it (003 §2.5 SCR; PCPC-064)."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

from tandem.fhir.outcome import Issue

_SOURCE = "003 §2.5 SCR; PCPC-064"


@dataclass(frozen=True, slots=True)
class Readers:
    """A policy: kinds of organisations, purposes of use, kinds of staff."""

    version: str
    organisations: frozenset[str]
    purposes: frozenset[str]
    staff: frozenset[str]


def readers_of(document: Any) -> Readers:
    """The policy of a document of `readers.yaml`. Raises KeyError when something is missing."""
    return Readers(
        str(document["version"]), frozenset(document["organisations"]), frozenset(document["purposes"]),
        frozenset(document["staff"]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: the kind of the organisation (None when the directory does not know it), the token's purpose of use,
    and the kinds of staff that its user is at that organisation today."""

    organisation: str | None
    purpose: str | None
    staff: Set[str]


def reader_faults(readers: Readers, asking: Asking) -> Iterator[Issue]:
    """Why somebody without access to the whole record may not ask; nothing when they may."""
    if asking.organisation not in readers.organisations:
        kinds = ", ".join(sorted(readers.organisations))
        yield Issue(f"The enriched summary is for organisations that treat people ({kinds}) ({_SOURCE})")
    if asking.purpose not in readers.purposes:
        text = f"The token states no purpose of treatment ({', '.join(sorted(readers.purposes))}) ({_SOURCE})"
        yield Issue(text)
    if not readers.staff & asking.staff:
        text = (
            "The token's fhirUser is no clinician with a PractitionerRole at the asking organisation that is known"
            f" here and holds today ({_SOURCE})"
        )
        yield Issue(text)
