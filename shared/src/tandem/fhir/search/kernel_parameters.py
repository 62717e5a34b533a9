"""Search parameters of the types that every service keeps, in the notation of `tandem.fhir.search.parameters`."""

from __future__ import annotations

KERNEL: dict[str, tuple[int, str]] = {
    "AuditEvent": (41, """
        1 action code action
        2 address string agent.network.address
        3 agent reference agent.who -> Device Organization Patient Practitioner PractitionerRole RelatedPerson
        4 agent-name string agent.name
        5 agent-role token agent.role
        6 altid code agent.altId
        7 date date recorded
        8 entity reference entity.what -> *
        9 entity-name string entity.name
        10 entity-role token entity.role
        11 entity-type token entity.type
        12 outcome code outcome
        13 patient reference agent.who:Patient | entity.what:Patient -> Patient
        14 policy uri agent.policy
        15 site code source.site
        16 source reference source.observer -> Device Organization Patient Practitioner PractitionerRole RelatedPerson
        17 subtype token subtype
        18 type token type
    """),
    "Provenance": (42, """
        1 agent reference agent.who -> Device Organization Patient Practitioner PractitionerRole RelatedPerson
        2 agent-role token agent.role
        3 agent-type token agent.type
        4 entity reference entity.what -> *
        5 location reference location -> Location
        6 patient reference target:Patient -> Patient
        7 recorded date recorded
        8 signature-type token signature.type
        9 target reference target -> *
        10 when date occurredDateTime
    """),
    "Subscription": (43, """
        1 contact contact contact
        2 criteria string criteria
        3 payload code channel.payload
        4 status code status
        5 type code channel.type
        6 url uri channel.endpoint
    """),
}  # fmt: skip
