"""Rules of plans, their clocks and current medicines; they know no database."""
