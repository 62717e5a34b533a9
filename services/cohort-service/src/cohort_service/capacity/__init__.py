"""Capacity: assumptions, plans of offers, agreed lower offer rates, and the hours of home rounds."""
