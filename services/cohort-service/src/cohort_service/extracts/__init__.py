"""Linked, pseudonymised extracts of people's records for population health."""
