"""Payments of the scheme to practices."""
