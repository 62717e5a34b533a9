"""Appointments of the shared process: booking, slots, who sees one, what came of it, and what is offered to whom."""
