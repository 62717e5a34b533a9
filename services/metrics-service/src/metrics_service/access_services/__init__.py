"""What is told of the services of access of a network."""
