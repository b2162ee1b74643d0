"""`python -m onsite` is the `onsite` command."""

import sys

try:
    from onsite.cli import main

    sys.exit(main())
except KeyboardInterrupt:  # while it was being loaded
    sys.exit(130)
