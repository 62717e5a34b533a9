"""Assessments of needs: which there are, of which parts they are made, and when they are complete."""
