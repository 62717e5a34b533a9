"""Measures: read from their files, counted in SQL, and given out as reports."""
