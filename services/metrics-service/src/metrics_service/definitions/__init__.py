"""Measures as data: FHIR Measure resources with the paragraphs they come from, one file a measure."""
