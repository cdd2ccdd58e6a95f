"""`python -m benchmarks`."""

import sys

from benchmarks.suite import main

sys.exit(main(sys.argv[1:]))
