"""Observations that other services ask for, because what they keep belongs into the patient's record."""
