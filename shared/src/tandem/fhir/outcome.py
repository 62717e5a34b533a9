"""Errors as the product shows them: every fault is an OperationOutcome.

One table maps the kind of an error to its HTTP status, FHIR issue code (http://hl7.org/fhir/R4/valueset-issue-type.html)
and NHS code (https://fhir.nhs.uk/CodeSystem/http-error-codes; that list has no code for 408, 410, 412, 413, 421,
431 and 507, so the nearest one stands there).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

NHS_ERROR_SYSTEM = "https://fhir.nhs.uk/CodeSystem/http-error-codes"
PROFILE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-OperationOutcome"


class Kind(Enum):
    """What went wrong: (HTTP status, FHIR issue code, NHS code, NHS display)."""

    MALFORMED = (400, "structure", "REC_BAD_REQUEST", "The request could not be read")
    BAD_REQUEST = (400, "invalid", "REC_BAD_REQUEST", "The request is not valid")
    INVALID = (422, "invalid", "REC_UNPROCESSABLE_ENTITY", "The resource is not valid")
    UNSUPPORTED_PARAMETER = (400, "not-supported", "REC_BAD_REQUEST", "A parameter is not supported")
    UNAUTHORIZED = (401, "login", "REC_UNAUTHORIZED", "A valid bearer token is needed")
    EXPIRED = (401, "expired", "REC_UNAUTHORIZED", "The bearer token has expired")
    FORBIDDEN = (403, "forbidden", "REC_FORBIDDEN", "This is not permitted")
    NOT_FOUND = (404, "not-found", "REC_NOT_FOUND", "No such resource")
    UNKNOWN_TYPE = (404, "not-supported", "REC_NOT_FOUND", "This resource type is not supported")
    METHOD_NOT_ALLOWED = (405, "not-supported", "REC_METHOD_NOT_ALLOWED", "This method is not allowed here")
    NOT_ACCEPTABLE = (406, "not-supported", "REC_NOT_ACCEPTABLE", "Only JSON can be returned")
    SLOW = (408, "timeout", "REC_BAD_REQUEST", "The request took too long to come in")
    CONFLICT = (409, "conflict", "REC_CONFLICT", "The request conflicts with what is held")
    DUPLICATE = (409, "duplicate", "REC_CONFLICT", "This is held already")
    GONE = (410, "deleted", "REC_NOT_FOUND", "The resource was deleted")
    PRECONDITION_FAILED = (412, "conflict", "REC_CONFLICT", "The resource has changed since it was read")
    MULTIPLE_MATCHES = (412, "multiple-matches", "REC_CONFLICT", "More than one resource matches")
    TOO_LARGE = (413, "too-long", "REC_BAD_REQUEST", "The body is too large")
    UNSUPPORTED_MEDIA_TYPE = (415, "not-supported", "REC_UNSUPPORTED_MEDIA_TYPE", "Only JSON is accepted")
    MISDIRECTED = (421, "not-supported", "REC_NOT_FOUND", "Another service owns this resource type")
    UNPROCESSABLE = (422, "processing", "REC_UNPROCESSABLE_ENTITY", "The request cannot be carried out")
    BUSINESS_RULE = (422, "business-rule", "REC_UNPROCESSABLE_ENTITY", "A rule of care forbids this")
    TOO_COSTLY = (400, "too-costly", "REC_BAD_REQUEST", "The request asks for too much at once")
    THROTTLED = (429, "throttled", "REC_TOO_MANY_REQUESTS", "Too many requests")
    HEAD_TOO_LARGE = (431, "too-long", "REC_BAD_REQUEST", "The header fields are too large")
    INTERNAL = (
        500,
        "exception",
        "REC_SERVER_ERROR",
        "The server failed; the request identifier finds the fault in its log",
    )
    NOT_IMPLEMENTED = (501, "not-supported", "REC_NOT_IMPLEMENTED", "This is not there yet")
    NO_SPACE = (507, "no-store", "REC_UNAVAILABLE", "There is no space left to write to; nothing was written")
    UNAVAILABLE = (503, "transient", "REC_UNAVAILABLE", "A part that is needed cannot be reached just now")

    @property
    def status(self) -> int:
        return self.value[0]

    @property
    def issue_code(self) -> str:
        return self.value[1]

    @property
    def nhs_code(self) -> str:
        return self.value[2]

    @property
    def nhs_display(self) -> str:
        return self.value[3]


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault. `text` is plain English without patient data; `expression` is the FHIRPath of the fault.

    `code` overrides the kind's FHIR issue code, e.g. `required` or `code-invalid` for a fault of validation.
    """

    text: str
    expression: str | None = None
    code: str | None = None
    severity: str = "error"


class FhirError(Exception):
    """A refusal that becomes an OperationOutcome; holds every fault found, not only the first."""

    def __init__(
        self, kind: Kind, text: str = "", *, expression: str | None = None, issues: list[Issue] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.kind = kind
        self.issues = issues or [Issue(text or kind.nhs_display, expression)]
        self.headers = headers or {}
        super().__init__(f"{kind.name}: {self.issues[0].text}")


@dataclass(slots=True)
class Outcome:
    """The OperationOutcome of a kind and its issues."""

    kind: Kind
    issues: list[Issue] = field(default_factory=list)

    def resource(self) -> dict[str, Any]:
        """The OperationOutcome as a FHIR JSON object."""
        return {
            "resourceType": "OperationOutcome",
            "meta": {"profile": [PROFILE]},
            "issue": [self._issue(issue) for issue in self.issues],
        }

    def _issue(self, issue: Issue) -> dict[str, Any]:
        coding = {"system": NHS_ERROR_SYSTEM, "code": self.kind.nhs_code, "display": self.kind.nhs_display}
        entry: dict[str, Any] = {
            "severity": issue.severity,
            "code": issue.code or self.kind.issue_code,
            "details": {"coding": [coding], "text": issue.text},
            "diagnostics": issue.text,
        }
        if issue.expression:
            entry["expression"] = [issue.expression]
        return entry


def outcome_of(error: FhirError) -> dict[str, Any]:
    """The OperationOutcome body for a refusal."""
    return Outcome(error.kind, error.issues).resource()


def information(text: str) -> dict[str, Any]:
    """An OperationOutcome that says all is well, e.g. after `$validate` or a delete."""
    issue = {"severity": "information", "code": "informational", "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "meta": {"profile": [PROFILE]}, "issue": [issue]}
