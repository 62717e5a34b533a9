"""Medication reviews that somebody asked for, and who is on the list because of that."""
