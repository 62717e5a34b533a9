"""What a plan on the case register is asked for: consent to the enriched summary (003 §2.5 SCR; PCPC-057)."""

from __future__ import annotations

from careplan_service.consents.summary_consents import summary_consent
from careplan_service.plans.plan_activation import Activation, ActivationCheck
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.outcome import Issue


async def _asked(connection: Connection, activation: Activation) -> list[Issue]:
    held = await summary_consent(connection, activation.patient, to_micros(activation.now))
    if held.said is not None:
        return []
    text = (
        "It is not recorded what the person said when asked to share their enriched summary care record: answer item"
        " summary-record-consent (yes or no) of Questionnaire/personalised-care-and-support-plan in a completed"
        " QuestionnaireResponse based on this plan, or record a Consent of category enriched-summary with the provision"
        " permit or deny (003 §2.5 SCR; PCPC-057)"
    )
    return [Issue(text, "CarePlan.supportingInfo", "required")]


SUMMARY_CONSENT_ASKED = ActivationCheck("summary-record-consent", "PCPC", ("PCPC-057",), "003 §2.5 SCR", _asked)
