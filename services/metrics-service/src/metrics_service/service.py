"""metrics-service: did it help?

It owns measures and reports. From the events of the others it keeps facts, counts them when asked, and shows the
figures to the practice, its network and its commissioner.
"""

from __future__ import annotations

from metrics_service.access_services.declaration import PART as ACCESS_SERVICES
from metrics_service.assurance_form.declaration import PART as ASSURANCE_FORM
from metrics_service.dashboard.declaration import PART as DASHBOARD
from metrics_service.erased_rows import ERASED
from metrics_service.facts.declaration import PART as FACTS
from metrics_service.measures.declaration import PART as MEASURES
from metrics_service.missed_targets.declaration import PART as MISSED_TARGETS
from metrics_service.network_funding.declaration import PART as NETWORK_FUNDING
from metrics_service.payments.declaration import PART as PAYMENTS
from metrics_service.phase_review.declaration import PART as PHASE_REVIEW
from metrics_service.practice_reports.declaration import PART as PRACTICE_REPORTS
from metrics_service.qof_evidence.declaration import PART as QOF_EVIDENCE
from metrics_service.scheme.declaration import PART as SCHEME
from metrics_service.service_report.declaration import PART as SERVICE_REPORT
from metrics_service.service_timeline.declaration import PART as SERVICE_TIMELINE
from metrics_service.shared_care_part import PART as SHARED_CARE
from metrics_service.tables import metadata
from tandem.fhir.ownership import OWNED_TYPES
from tandem.service_part import service_of_parts

service = service_of_parts(
    "metrics-service",
    OWNED_TYPES["metrics-service"],
    metadata,
    "metrics_service:migrations",
    parts=(
        SHARED_CARE, FACTS, MEASURES, DASHBOARD, SCHEME, PRACTICE_REPORTS, ASSURANCE_FORM, PAYMENTS, NETWORK_FUNDING,
        SERVICE_REPORT, PHASE_REVIEW, MISSED_TARGETS, QOF_EVIDENCE, ACCESS_SERVICES,
        SERVICE_TIMELINE,
    ),
    erases=ERASED,
)  # fmt: skip
