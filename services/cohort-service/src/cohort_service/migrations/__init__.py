"""The schema of cohort-service, version by version."""
