"""Rules about primary care networks: who belongs to whom, who is responsible, how many people and staff there are."""
