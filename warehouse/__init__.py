"""From the lake to readers: one build, its audit, its publication, and who is told; the command line."""
