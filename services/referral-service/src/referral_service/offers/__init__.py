"""Offers, and the referrals that come of them."""
