"""The Questionnaires of the shared process, and the answers that were given to them."""
