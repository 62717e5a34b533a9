"""Facts kept from the events of all services."""
