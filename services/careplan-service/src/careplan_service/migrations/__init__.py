"""The schema of careplan-service, version by version."""
