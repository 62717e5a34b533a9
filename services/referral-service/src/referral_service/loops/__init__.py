"""Referrals from being asked to being answered."""
