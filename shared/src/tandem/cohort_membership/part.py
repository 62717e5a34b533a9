"""What a service adds to its declaration to know who is on which list; `tables.declare` goes with it."""

from __future__ import annotations

from tandem.cohort_membership.handlers import ENTERED, LEFT, enter, leave
from tandem.service import Listener
from tandem.service_part import Part

COHORT_MEMBERSHIP = Part(
    listeners=(Listener("enter-cohort", (ENTERED,), enter), Listener("leave-cohort", (LEFT,), leave))
)
