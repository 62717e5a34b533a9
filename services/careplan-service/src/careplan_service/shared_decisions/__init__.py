"""Shared decisions: what completes one, and which count as required by the situations of a year."""
