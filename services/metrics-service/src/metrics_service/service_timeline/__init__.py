"""The timeline of a network over the five services: what is asked of it from when, and the work of each year."""
