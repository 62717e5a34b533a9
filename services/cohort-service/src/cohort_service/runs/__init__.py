"""Identification runs: asked for, made, remembered, and due again."""
