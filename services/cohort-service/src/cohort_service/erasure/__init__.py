"""Erasing the records of a person: ordered here, carried out by every service."""
