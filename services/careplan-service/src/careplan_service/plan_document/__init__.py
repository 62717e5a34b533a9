"""The shared plan as a document, and one page of it for a crisis."""
