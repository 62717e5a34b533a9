"""Services of access to general practice, and who is responsible for each from which day on."""
