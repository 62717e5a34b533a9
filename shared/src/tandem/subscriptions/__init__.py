"""R4 Subscriptions by rest-hook (http://hl7.org/fhir/R4/subscription.html), told from the service's own log."""
