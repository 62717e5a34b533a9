"""Capacity: assumptions about work and hours, what a list asks for, and how far the hours of a network go."""
