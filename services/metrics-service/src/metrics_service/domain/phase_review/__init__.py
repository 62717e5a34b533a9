"""Phases of the services: what is aimed at by year, set against the staff there are."""
