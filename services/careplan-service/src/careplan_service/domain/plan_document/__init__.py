"""The shared plan as a document: for the person, their family, and whoever comes to help in a crisis."""
