"""The ServiceRequest that a message asks for, as it is kept here.

What the message brings of the person is named by NHS number, organisations by their codes; every other entry becomes a
contained resource, so that nothing that was sent is lost and nothing reaches further than the referral.
"""

from __future__ import annotations

from typing import Any

from referral_service.domain.booking_and_referral.message import Message
from referral_service.domain.booking_and_referral.message_entries import MessageEntries
from tandem.canonical import NHS_NUMBER, REFERRAL_KIND
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import reference_code
from tandem.nhs.nhs_number import normalise

_OUTSIDE = ("MessageHeader", "Patient", "ServiceRequest")
_FROM_HEADER = ("requester", "performer", "subject", "contained", "id", "meta", "text", "basedOn", "supportingInfo")
_ELSEWHERE = {"display": "Not in the message"}


def referral_of_message(
    message: Message, resource_id: str, sender: dict[str, Any], performer: dict[str, Any], kind: str
) -> Resource:
    """The ServiceRequest under the id that the receiver gives it. The standard fixes its intent as plan; what is sent
    to be done is an order here.

    `sender` and `performer` are References with identifiers. Raises FhirError 422 without a valid NHS number.
    """
    subject = subject_of(message)
    contained = _Contained(message, subject)
    kept = {name: contained.rewritten(value) for name, value in message.request.items() if name not in _FROM_HEADER}
    based_on = contained.rewritten(message.request.get("basedOn") or [])
    information = contained.rewritten(message.request.get("supportingInfo") or [])
    referral: Resource = {
        **kept, "resourceType": "ServiceRequest", "id": resource_id, "intent": "order", "subject": subject,
        "requester": sender, "performer": [performer], "category": _with_kind(kept.get("category"), kind),
    }  # fmt: skip
    rest = contained.not_named_yet()
    information += [{"reference": each} for each in rest]
    if based_on:
        referral["basedOn"] = based_on
    if information:
        referral["supportingInfo"] = information
    if contained.resources:
        referral["contained"] = contained.resources
    return referral


def subject_of(message: Message) -> dict[str, Any]:
    """The person as a Reference by NHS number. Raises FhirError 422 when the message names none that is valid."""
    subject = message.request.get("subject")
    reference = subject if isinstance(subject, dict) else {}
    person = message.entries.target(reference)
    identifiers = person.get("identifier") if person is not None else [reference.get("identifier")]
    for each in identifiers if isinstance(identifiers, list) else []:
        if not isinstance(each, dict) or each.get("use") == "old":
            continue
        if each.get("system") == NHS_NUMBER and isinstance(each.get("value"), str):
            try:
                number = normalise(each["value"])
            except ValueError:
                text = "The NHS number of the message has a wrong check digit (NHS Data Dictionary, modulus 11)"
                raise FhirError(Kind.UNPROCESSABLE, text, expression="Patient.identifier") from None
            return {"identifier": {"system": NHS_NUMBER, "value": number}}
    text = "The ServiceRequest names a person by an NHS number, in a Patient of the message"
    raise FhirError(Kind.UNPROCESSABLE, text, expression="ServiceRequest.subject")


def performers_named(message: Message) -> list[str]:
    """Codes of the organisations that the focus, or the destination of the header, says it is for."""
    named: list[Any] = list(message.request.get("performer") or [])
    destinations = message.header.get("destination")
    for each in destinations if isinstance(destinations, list) else []:
        if isinstance(each, dict):
            named.append(each.get("receiver"))
    codes = (_code(each, message.entries) for each in named if isinstance(each, dict))
    return list(dict.fromkeys(code for code in codes if code is not None))


def sender_named(message: Message) -> str | None:
    """The code of the organisation that the header says it is from, when it says one."""
    sender = message.header.get("sender")
    return _code(sender, message.entries) if isinstance(sender, dict) else None


def _code(reference: dict[str, Any], entries: MessageEntries) -> str | None:
    """An organisation's code by the reference itself, or by the identifiers of the Organization in the message."""
    found = entries.target(reference)
    if found is None or found["resourceType"] != "Organization":
        return _code_of(reference.get("identifier"))
    identifiers = found.get("identifier")
    codes = map(_code_of, identifiers if isinstance(identifiers, list) else ())
    return next((code for code in codes if code is not None), None)


def _code_of(identifier: Any) -> str | None:
    """Of an Identifier as it was sent: what is none stands for nobody."""
    given = identifier if isinstance(identifier, dict) else {}
    if not isinstance(given.get("system"), str) or not isinstance(given.get("value"), str):
        return None
    return reference_code({"identifier": given})


def _with_kind(category: Any, kind: str) -> list[Any]:
    given = list(category) if isinstance(category, list) else []
    claimed = {"coding": [{"system": REFERRAL_KIND, "code": kind}]}
    return given if claimed in given else [*given, claimed]


class _Contained:
    """The entries that go along, each once, under an id of its own."""

    def __init__(self, message: Message, subject: dict[str, Any]) -> None:
        self._message, self._subject = message, subject
        self._taken: dict[int, Resource] = {}
        self._named: set[int] = set()
        self._waiting: list[int] = []

    @property
    def resources(self) -> list[Resource]:
        return [self._taken[number] for number in sorted(self._taken)]

    def not_named_yet(self) -> list[str]:
        """Take in every entry that nothing of the ServiceRequest named; their references."""
        rest: list[str] = []
        self._follow()
        for number, resource in enumerate(self._message.entries.resources):
            if resource["resourceType"] in _OUTSIDE or number in self._named:
                continue
            self._take(number)
            self._follow()
            rest.append(f"#{_name(number)}")
        return rest

    def rewritten(self, value: Any) -> Any:
        """The same with every Reference into the message turned to what stands for it here."""
        if isinstance(value, list):
            return [self.rewritten(each) for each in value]
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("reference"), str):
            return self._reference(value)
        return {name: self.rewritten(each) for name, each in value.items()}

    def _reference(self, reference: dict[str, Any]) -> dict[str, Any]:
        number = self._message.entries.number(reference)
        rest = {name: each for name, each in reference.items() if name != "reference"}
        if number is None:
            return rest or dict(_ELSEWHERE)
        resource = self._message.entries.resources[number]
        if resource["resourceType"] == "Patient":
            return dict(self._subject)
        if resource["resourceType"] in _OUTSIDE:
            return rest or {"display": resource["resourceType"]}
        self._named.add(number)
        self._take(number)
        return {**rest, "reference": f"#{_name(number)}"}

    def _take(self, number: int) -> None:
        if number not in self._taken:
            # Taken before its own references are followed, and those in turn, not one in the other: entries may name
            # each other, or the next one a hundred times over.
            self._taken[number] = {}
            self._waiting.append(number)

    def _follow(self) -> None:
        """Rewrite what was taken, and all that it names."""
        while self._waiting:
            number = self._waiting.pop()
            resource = self._message.entries.resources[number]
            # What is contained has no version, text or tags of its own (http://hl7.org/fhir/R4/domainresource.html,
            # dom-4).
            own = {name: each for name, each in resource.items() if name not in ("id", "meta", "text", "contained")}
            self._taken[number] = {**own, **self.rewritten(own), "id": _name(number)}


def _name(number: int) -> str:
    return f"entry-{number}"
