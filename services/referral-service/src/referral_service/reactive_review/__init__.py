"""Reactive referral for a structured medication review."""
