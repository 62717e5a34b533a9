"""Organisation codes and kinds: how one organisation is recognised wherever it is named.

A code is the bare ODS code in capitals (https://digital.nhs.uk/services/organisation-data-service), or
`system|value` for an organisation that has none, such as a charity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from tandem.canonical import ODS_CODE, ORGANISATION_TYPE
from tandem.fhir.body import Resource
from tandem.fhir.search.folding import bounded

PRACTICE: Final = "practice"
NETWORK: Final = "network"
COMMISSIONER: Final = "commissioner"
PROVIDER: Final = "community-provider"
NATIONAL_BODY: Final = "national-body"
KINDS: Final = frozenset(
    (PRACTICE, NETWORK, COMMISSIONER, PROVIDER, NATIONAL_BODY, "mental-health", "care-home", "pharmacy", "voluntary",
     "social-care", "acute-trust")
)  # fmt: skip
PRIVILEGED_KINDS: Final = frozenset((PRACTICE, NETWORK, COMMISSIONER, NATIONAL_BODY))
"""Kinds that carry rights by themselves: only an operator gives them to an organisation by name."""

# ODS role codes: GP practice (as prescribing cost centre and as practice), network, CCG and its successor, others.
_ODS_ROLES: Final = {
    "RO177": PRACTICE, "RO76": PRACTICE, "RO272": NETWORK, "RO98": COMMISSIONER, "RO261": COMMISSIONER,
    "RO182": "pharmacy", "RO197": "acute-trust",
}  # fmt: skip
_ODS_SYSTEMS: Final = frozenset((ODS_CODE, ODS_CODE.replace("organization", "organisation")))
_ODS_FORM = re.compile(r"[A-Z0-9]{1,15}")
_PRACTICE_FORM = re.compile(r"(?!U)[A-Z]\d{5}")
_NETWORK_FORM = re.compile(r"U\d+")
_LITERAL = re.compile(r"Organization/[A-Za-z0-9\-.]{1,64}(?=/_history/|$)")
_CONDITIONAL = "Organization?identifier="


def is_practice_code(code: str) -> bool:
    """Whether an ODS code has the form of a GP practice: a letter, not U, and five digits."""
    return _PRACTICE_FORM.fullmatch(code) is not None


def is_network_code(code: str) -> bool:
    """Whether an ODS code has the form of a primary care network: U and digits."""
    return _NETWORK_FORM.fullmatch(code) is not None


def organisation_code(text: str) -> str:
    """The code of what a token or a command names: an ODS code, `system|value` or `system#value`.

    Raises ValueError when it is none of these.
    """
    text = text.strip()
    if "|" not in text:
        text = text.replace("#", "|", 1)
    system, separator, value = text.rpartition("|")
    if separator and not (system and value):
        raise ValueError("an organisation is an ODS code or system|value")
    if not separator or system in _ODS_SYSTEMS:
        value = value.strip().upper()
        if _ODS_FORM.fullmatch(value) is None:
            raise ValueError("an organisation is an ODS code or system|value")
        return value
    return bounded(f"{system}|{value}")


def identifier_code(identifier: dict[str, Any]) -> str | None:
    """The code that one Identifier stands for; None when it lacks a system or a value.

    Of a very long one a beginning and a digest, because codes are looked for by indexes.
    """
    system, value = identifier.get("system"), identifier.get("value")
    if not system or not value:
        return None
    return bounded(str(value).strip().upper() if system in _ODS_SYSTEMS else f"{system}|{value}")


def code_of(organization: Resource) -> str:
    """The code of an Organization: ODS, else its first full identifier, else `Organization/id`."""
    identifiers: list[dict[str, Any]] = organization.get("identifier") or []
    for identifier in sorted(identifiers, key=lambda one: one.get("system") not in _ODS_SYSTEMS):
        code = identifier_code(identifier)
        if code is not None:
            return code
    return f"Organization/{organization.get('id')}"


def reference_code(reference: dict[str, Any] | None) -> str | None:
    """What a Reference says of an organisation: its code, or `Organization/id` which is still to be resolved.

    None when the reference names something else. An identifier goes before a literal reference.
    """
    reference = reference or {}
    literal = str(reference.get("reference") or "")
    if reference.get("type", "Organization") != "Organization":
        return None
    if literal and not literal.startswith("Organization"):
        return None
    code = identifier_code(reference.get("identifier") or {})
    if code is not None:
        return code
    if literal.startswith(_CONDITIONAL):
        system, _, value = literal.removeprefix(_CONDITIONAL).partition("|")
        return identifier_code({"system": system, "value": value})
    match = _LITERAL.match(literal)
    return match[0] if match else None


def reference_codes(references: Iterable[dict[str, Any] | None]) -> list[str]:
    """What these References say of organisations, each once, in order; others are left out."""
    codes = (reference_code(reference) for reference in references)
    return list(dict.fromkeys(code for code in codes if code is not None))


def kind_of(organization: Resource) -> str:
    """The kind of an Organization: from its own type code, else an ODS role, else the form of its code."""
    codings = [coding for concept in organization.get("type") or [] for coding in concept.get("coding") or []]
    for coding in codings:
        if coding.get("system") == ORGANISATION_TYPE and coding.get("code") in KINDS:
            return str(coding["code"])
    for coding in codings:
        if coding.get("code") in _ODS_ROLES:
            return _ODS_ROLES[coding["code"]]
    return kind_by_form(code_of(organization))


def kind_by_form(code: str) -> str:
    """The kind that the form of a code implies: practice, network, or else a provider."""
    if is_practice_code(code):
        return PRACTICE
    return NETWORK if is_network_code(code) else PROVIDER
