"""Structured medication reviews that somebody asks for."""
