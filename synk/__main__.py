"""`python -m synk`."""

import sys

from synk.cli import main

sys.exit(main())
