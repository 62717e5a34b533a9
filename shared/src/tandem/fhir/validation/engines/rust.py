"""The engine on fhirkit-rs: R4 4.0.1 exactly, in Rust."""

from __future__ import annotations

import re

import fhirkit

from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.fhir.validation.expression import expression_of
from tandem.fhir.validation.fault import MAX_ISSUES

_KIND = "This is not the kind of JSON that R4 has here"
# Its messages quote values; only what kind of message it is goes further.
_KINDS = (
    (re.compile("unknown element$"), "R4 has no such element here", "structure"),
    (re.compile("required element missing$"), "This element is required", "required"),
    (re.compile("only one type may be given"), "Only one type of value may be given here", "structure"),
    (re.compile("expected |null |an empty array|a resource needs"), _KIND, "structure"),
    (re.compile(".*is not a FHIR R4 resource type"), "This is not the name of an R4 resource type", "structure"),
)
_OTHER = ("The value is not one that R4 allows here", "value")
_UNREADABLE = Issue("The body is not JSON that can be read", code="structure")


class Fhirkit:
    """`Engine` on fhirkit-rs."""

    def issues(self, resource: Resource, raw: bytes) -> list[Issue]:
        try:
            found = fhirkit.validate(raw)
        except fhirkit.ParseError:
            return [_UNREADABLE]
        return [_issue(one.path, one.message, resource) for one in found[:MAX_ISSUES] if one.severity == "error"]


def _issue(path: str, message: str, resource: Resource) -> Issue:
    text, code = next(((text, code) for kind, text, code in _KINDS if kind.match(message)), _OTHER)
    return Issue(text, expression_of(path, resource), code)
