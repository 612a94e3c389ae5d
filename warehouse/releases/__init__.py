"""What goes out: versions, candidates and the persons who decide, swapped by one rename."""
