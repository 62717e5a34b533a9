"""What an enriched summary leaves out as sensitive, whoever asks: by label, and by code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tandem.fhir.body import Resource

Codings = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Pairs of system and code: of `meta.security`, and of what the record is about."""

    version: str
    labels: Codings
    codes: Codings


def sensitive_of(document: Any) -> Sensitive:
    """The exclusions of a document of `sensitive.yaml`. Raises KeyError when something is missing."""
    return Sensitive(str(document["version"]), _pairs(document["labels"]), _pairs(document["codes"]))


def is_sensitive(record: Resource, sensitive: Sensitive) -> bool:
    """Whether the record carries such a label, or such a code anywhere in it: its own, or that of a reason."""
    labels = {_pair(each) for each in (record.get("meta") or {}).get("security") or ()}
    if not labels.isdisjoint(sensitive.labels):
        return True
    body = {name: value for name, value in record.items() if name != "meta"}
    return any(pair in sensitive.codes for pair in _codings(body))


def _codings(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("code"), str) and isinstance(value.get("system"), str):
            yield _pair(value)
        for each in value.values():
            yield from _codings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _codings(each)


def _pair(coding: Any) -> tuple[str, str]:
    return str(coding.get("system")), str(coding.get("code"))


def _pairs(document: dict[str, Any]) -> Codings:
    return frozenset((system, str(code)) for system, codes in document.items() for code in codes)
