"""What a person takes."""
