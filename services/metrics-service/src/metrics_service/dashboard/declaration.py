"""The pages of the service, and what is counted ahead of them."""

from __future__ import annotations

from metrics_service.dashboard.counting_ahead import run
from metrics_service.dashboard.routes import pages
from tandem.service import Loop
from tandem.service_part import Part

PART = Part(pages=pages, loops=(Loop("counting-ahead", run),))
