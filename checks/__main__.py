"""`python -m checks`."""

import signal
import sys

from checks.cli import main
from safe_text.terminal import clean_tracebacks

clean_tracebacks()

# As Ctrl-C does: what is on disk for the moment, plans above all, is removed before the process ends.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
main()
