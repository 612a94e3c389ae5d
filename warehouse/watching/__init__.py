"""What stands and what is wrong: service levels, status, and alerts, each told once."""
