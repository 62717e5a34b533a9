"""Condition: what a person suffers from or has suffered from (http://hl7.org/fhir/R4/condition.html)."""

from __future__ import annotations

from tandem.fhir.body import Resource
from tandem.fhir.codings import codes_in
from tandem.record_facts.codings import facts_with
from tandem.record_facts.days import first_given
from tandem.record_facts.fact import UNDATED, Fact

NOT_HELD = frozenset({"entered-in-error", "refuted", "unconfirmed", "provisional", "differential"})
"""Values of verificationStatus under which nobody has said that the person has the condition."""
PAST = frozenset({"inactive", "remission", "resolved"})
"""Values of clinicalStatus under which the person had it."""


def condition_facts(resource: Resource) -> list[Fact]:
    """The code, from onset (else the recorded date) to abatement.

    One that is over without a date of its end ends as it begins: it was, and is not.
    """
    if codes_in(resource.get("verificationStatus")) & NOT_HELD:
        return []
    onset, abated = resource.get("onsetPeriod") or {}, resource.get("abatementPeriod") or {}
    starts = first_given(resource.get("onsetDateTime"), onset.get("start"), resource.get("recordedDate"))
    starts = UNDATED if starts is None else starts
    ends = first_given(resource.get("abatementDateTime"), abated.get("end"), abated.get("start"))
    over = codes_in(resource.get("clinicalStatus")) & PAST or any(name.startswith("abatement") for name in resource)
    return facts_with([resource.get("code")], starts, starts if ends is None and over else ends)
