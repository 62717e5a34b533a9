"""Procedures that other services ask for, because what was done belongs into the patient's record."""
