"""Who is asking: what a verified token says, and nothing more than it says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

_PEOPLE: Final = re.compile(r"(?:.*/)?(Patient|RelatedPerson)(?:/([^/]*))?(?:/.*)?")


@dataclass(frozen=True, slots=True)
class Person:
    """A patient or carer who asks for themself: `type` is Patient or RelatedPerson."""

    type: str
    id: str

    @property
    def reference(self) -> str:
        """Such as `Patient/1`."""
        return f"{self.type}/{self.id}"


@dataclass(frozen=True, slots=True)
class Caller:
    """The organisation behind a request and what its token allows.

    `organisation` is a code: the bare ODS code, or `system|value`. `scopes` maps a FHIR type (or `*`) to the allowed
    SMART v2 letters out of `cruds`. `service` is set when one of our own services calls another.
    """

    organisation: str
    scopes: dict[str, frozenset[str]] = field(default_factory=dict)
    client: str | None = None
    user: str | None = None
    role: str | None = None
    purpose: str | None = None
    operator: bool = False
    service: str | None = None
    expires: float = 0.0
    token: str = field(default="", repr=False)

    def may(self, resource_type: str, letter: str) -> bool:
        """Whether the scopes allow this letter of `cruds` for the type."""
        own = self.scopes.get(resource_type)
        return (own is not None and letter in own) or letter in self.scopes.get("*", ())

    @property
    def sees_all(self) -> bool:
        """Operators and our own services are not confined to an organisation; what they do is audited all the same."""
        return self.service is not None or (self.operator and self.person is None)

    @property
    def person(self) -> Person | None:
        """The patient or carer whom `user` names, as `Type/id` or as an address that ends so; None for all others.

        Whatever speaks of one of these types but names nobody is a person without an id, who sees nothing.
        """
        if self.user is None or self.service is not None:
            return None
        match = _PEOPLE.fullmatch(self.user)
        return Person(match[1], match[2] or "") if match is not None else None


ALL_LETTERS = frozenset("cruds")


@cache
def service_caller(service: str) -> Caller:
    """The identity under which a service writes by its own rules."""
    return Caller(organisation=f"urn:tandem:service|{service}", scopes={"*": ALL_LETTERS}, service=service)
