"""Support that is asked for because of a plan or by a care home, once or again and again."""
