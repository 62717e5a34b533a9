"""Measures as data: each file holds a Measure and says how its populations are counted."""
