"""Quarterly reports of practices."""
