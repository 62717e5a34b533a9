"""Tandem seen from outside: structured logs, figures of state, traces. None of it holds anything of a patient."""
