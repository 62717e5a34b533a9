"""Engagement: contacts with the people of a list, whether they came, and the one screening process of a network."""
