"""What the transport department reports: one module for each of its contracts, and what several of them share."""
