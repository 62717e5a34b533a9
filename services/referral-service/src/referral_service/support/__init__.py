"""Support requested for people, followed to its delivery."""
