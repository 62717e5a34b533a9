"""R4 4.0.1 validation: `validator()` gives a `Validator`, whose `validate` tells every fault of a resource at once."""

from tandem.fhir.validation.validator import ENGINES, Validator, validator

__all__ = ["ENGINES", "Validator", "validator"]
