"""SMART v2 scopes: which letters of `cruds` a token allows on which type.

Source: https://hl7.org/fhir/smart-app-launch/STU2.1/scopes-and-launch-context.html. A scope that is not understood
allows nothing, and one that is narrowed by a search (`system/Task.rs?status=requested`) is not understood: taking it
without the search would widen it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.caller import Caller

Scopes = dict[str, frozenset[str]]
"""A FHIR type or `*` -> the allowed letters."""

_SCOPE = re.compile(r"(system|user)/(\*|[A-Z][A-Za-z]{1,63})\.(c?r?u?d?s?)")
_ORDER = "cruds"


def parse_scopes(text: str, *, person: bool) -> Scopes:
    """The rights in a space-separated scope string; `user/` scopes count only when a person stands behind the token."""
    found: dict[str, set[str]] = {}
    for scope in text.split():
        match = _SCOPE.fullmatch(scope)
        if match is None or not match[3] or (match[1] == "user" and not person):
            continue
        found.setdefault(match[2], set()).update(match[3])
    return {name: frozenset(letters) for name, letters in found.items()}


def render_scopes(scopes: Scopes) -> str:
    """The scope string of these rights, in `system/` form."""
    return " ".join(
        f"system/{name}.{''.join(letter for letter in _ORDER if letter in letters)}"
        for name, letters in sorted(scopes.items())
        if letters
    )


def narrowed(asked: Scopes, allowed: Scopes) -> Scopes:
    """What is both asked for and allowed."""
    result: Scopes = {}
    everywhere = asked.get("*", frozenset())
    for name in {*asked, *allowed} if everywhere else set(asked):
        may = allowed.get(name, frozenset()) | allowed.get("*", frozenset())
        letters = (asked.get(name, frozenset()) | everywhere) & may
        if letters:
            result[name] = letters
    return result


def require_scope(caller: Caller, resource_type: str, letters: Iterable[str]) -> None:
    """Refuse unless the token allows every one of `letters` on the type. Raises FhirError(FORBIDDEN)."""
    for letter in letters:
        if not caller.may(resource_type, letter):
            raise FhirError(Kind.FORBIDDEN, f"The token lacks the scope system/{resource_type}.{letter}")
