"""Rules of agreements between organisations."""
