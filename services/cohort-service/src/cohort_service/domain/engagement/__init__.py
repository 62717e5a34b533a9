"""Engaging the people of a list: how they were contacted, in what order they ought to be, and whether they came."""
