"""`python -m sandbox`."""

from safe_text.terminal import clean_tracebacks
from sandbox.cli import main

clean_tracebacks()
main()
