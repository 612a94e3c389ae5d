"""What the disabled persons' federation reports: one module for each of its contracts."""
