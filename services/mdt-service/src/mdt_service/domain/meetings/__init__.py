"""Meetings: their rhythm, agenda, attendance, what was decided, and the actions that follow."""
