"""What professionals are told about a person in their care."""
