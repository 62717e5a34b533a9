"""What the event machinery counts, for /metrics. Labels are kinds and service names, never anything of a person."""

from __future__ import annotations

from prometheus_client import Counter

PUBLISHED = Counter("tandem_events_published", "Events the transport has taken", ["service"])
UNROUTABLE = Counter("tandem_events_unroutable", "Events published while no consumer was bound to their kind", ["kind"])
APPLIED = Counter("tandem_events_applied", "Events applied by an inbox", ["consumer"])
FOLLOWED = Counter("tandem_events_followed", "Events of its own log a follower has taken", ["service", "follower"])
PARKED = Counter("tandem_events_parked", "Events an inbox had to set aside", ["consumer", "state"])
UNREADABLE = Counter("tandem_messages_unreadable", "Messages that are no envelope, dead-lettered", ["consumer"])
PRUNED = Counter("tandem_rows_pruned", "Rows that went because nothing needs them any longer", ["service", "table"])
