"""The form that a practice fills in before the scheme begins."""
