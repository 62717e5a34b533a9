"""pytest plugins of the workspace: databases, brokers, test data, requirement ids and the record of a run."""
