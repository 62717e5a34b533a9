"""The network's service report: every measure of its services over a period, as a document or as FHIR."""
