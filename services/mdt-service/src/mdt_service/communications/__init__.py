"""What is said to people in writing."""
