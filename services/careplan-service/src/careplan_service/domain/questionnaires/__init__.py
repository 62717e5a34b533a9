"""What a Questionnaire asks, and whether a response answers it."""
