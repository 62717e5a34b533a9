"""Urgent community response: who is eligible, how soon the response has to be there, and whether it was."""
