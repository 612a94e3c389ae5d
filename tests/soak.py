"""How thorough the tests are that could go on for ever: `make soak` does all of what `make test` does a part of."""

import os

SOAK = os.environ.get("SUHENG_TEST_SOAK") == "1"
STRIDE = 1 if SOAK else 4  # between the steps before which something is killed
VERSIONS = 50 if SOAK else 12  # that are published while others read
KILLS = 8 if SOAK else 1  # at random moments of each stage
