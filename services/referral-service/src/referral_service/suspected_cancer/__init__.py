"""Urgent suspected cancer referrals: criteria, network protocols, pathways, what the person is told."""
