"""Invitations as letters: what is written to whom, in which form, and when a person counts as invited in writing."""
