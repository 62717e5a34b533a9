"""What an enriched summary holds, and who may ask for one."""
