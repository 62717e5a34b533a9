"""Sharing, MDT and governance agreements between the organisations of a network: drafted, signed and chased."""
