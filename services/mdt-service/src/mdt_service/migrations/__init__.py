"""The schema of mdt-service, version by version."""
