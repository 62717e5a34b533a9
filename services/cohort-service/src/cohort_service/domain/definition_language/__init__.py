"""The language of cohort definitions: what a YAML file may say, what it means, what is wrong with one that fails."""
