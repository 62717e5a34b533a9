"""Appointments of the shared process: how long, how held, with whom, and what came of them."""
