"""The measure of the shared-care journey: what it listens to, and the Measure that ships with it."""

from __future__ import annotations

from metrics_service.fact_handler import KINDS, keep_fact
from metrics_service.measure_seeds import put_measures
from tandem.service import Listener
from tandem.service_part import Part

PART = Part(listeners=(Listener("keep-fact", KINDS, keep_fact),), seeds=(put_measures,))
