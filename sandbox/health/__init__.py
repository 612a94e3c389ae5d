"""What the health commission reports: one module for each of its contracts, and what several of them share."""
