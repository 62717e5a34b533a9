"""Invitations to care: what a letter needs to know of a person, and how far the offer to each person has come."""
