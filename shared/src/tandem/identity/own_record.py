"""A person who asks for themself: a token whose `fhirUser` is a Patient or a RelatedPerson sees one person's record.

The organisation that the token was issued for still has to have access; this narrows its right to the one person. A
Patient sees their own record, a RelatedPerson that of the person who lets them (`tandem.identity.carers`).
"""

from __future__ import annotations

from typing import Any, Final

from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.agreement_terms import covered
from tandem.identity.caller import Caller

NOT_FOR_PEOPLE: Final = (
    "A patient or carer asks for one person's record only; this is for the organisations that look after people"
)


def own_record(
    caller: Caller, column: str, params: list[Any], now: str, *, named: str | None, type_column: str
) -> str | None:
    """A SQL condition over a column with Patient.id: whether it is the person whom the caller asks for; None for a
    caller that is no patient or carer. `now` is the placeholder of the domain clock; values go to `params`.

    `named` is the type of the records, or ANY_RECORD for the whole record; None when it stands in `type_column`.
    """
    person = caller.person
    if person is None:
        return None
    params.append(person.id)
    itself = f"${len(params)}"
    if person.type == "Patient":
        return f"{column} = {itself}"
    terms = covered("c.terms", caller, params, named=named, column=type_column)
    return (
        f"(EXISTS (SELECT 1 FROM carer_consent c JOIN related_person k ON k.id = c.related_person"
        f" AND k.patient = c.patient WHERE c.related_person = {itself} AND c.patient = {column} AND c.permits = 1"
        f" AND c.starts <= {now} AND c.ends > {now} AND k.starts <= {now} AND k.ends > {now} AND {terms})"
        f" AND NOT EXISTS (SELECT 1 FROM carer_consent d WHERE d.related_person = {itself}"
        f" AND d.patient = {column} AND d.permits = 0))"
    )


def refuse_people(caller: Caller) -> None:
    """Raises FhirError(FORBIDDEN) for a patient or carer."""
    if caller.person is not None:
        raise FhirError(Kind.FORBIDDEN, NOT_FOR_PEOPLE)
