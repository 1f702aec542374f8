"""`python -m concerted`."""

import sys

from concerted.cli import main

if __name__ == "__main__":
    sys.exit(main())
