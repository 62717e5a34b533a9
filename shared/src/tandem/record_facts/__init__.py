"""What records say of a person, as facts: who, which code, from which day until which, with which value."""
