"""One build, one audit, one publication; the command line."""
