"""The pages of the service."""

from __future__ import annotations

from metrics_service.dashboard.routes import pages
from tandem.service_part import Part

PART = Part(pages=pages)
