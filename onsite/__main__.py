"""`python -m onsite` is the `onsite` command."""

import sys

from onsite.cli import main

sys.exit(main())
