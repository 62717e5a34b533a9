"""The first hour: a synthetic network, the shared-care journey played on it, and the links to what happened."""
