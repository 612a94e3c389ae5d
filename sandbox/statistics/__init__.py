"""What the statistics bureau reports: one module for each of its contracts."""
