"""Search parameters of the types of metrics-service, in the notation of `tandem.fhir.search.parameters`."""

from __future__ import annotations

METRICS: dict[str, tuple[int, str]] = {
    "Measure": (39, """
        1 composed-of reference relatedArtifact[type=composed-of].resource -> *
        2 context token useContext.valueCodeableConcept
        3 context-quantity quantity useContext.value{Quantity,Range}
        4 context-type token useContext.code
        5 date date date
        6 depends-on reference relatedArtifact[type=depends-on].resource | library -> *
        7 derived-from reference relatedArtifact[type=derived-from].resource -> *
        8 description string description
        9 effective date effectivePeriod
        10 identifier token identifier
        11 jurisdiction token jurisdiction
        12 name string name
        13 predecessor reference relatedArtifact[type=predecessor].resource -> *
        14 publisher string publisher
        15 status code status
        16 successor reference relatedArtifact[type=successor].resource -> *
        17 title string title
        18 topic token topic
        19 url uri url
        20 version code version
    """),
    "MeasureReport": (40, """
        1 date date date
        2 evaluated-resource reference evaluatedResource -> *
        3 identifier token identifier
        4 measure reference measure -> Measure
        5 patient reference subject:Patient -> Patient
        6 period date period
        7 reporter reference reporter -> Location Organization Practitioner PractitionerRole
        8 status code status
        9 subject reference subject -> Device Group Location Patient Practitioner PractitionerRole RelatedPerson
    """),
}  # fmt: skip
