"""What a person is offered, and what they say to it."""
