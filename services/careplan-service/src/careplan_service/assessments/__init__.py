"""Assessments of needs, made by several in parts."""
