"""What a deployment is made of beside the processes: the broker's definitions, secrets of a machine of one's own."""
