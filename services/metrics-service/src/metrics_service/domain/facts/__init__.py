"""What events say that measures count."""
