"""The schema of metrics-service, version by version."""
