"""`python -m sandbox`."""

from sandbox.cli import main
from terminal import clean_tracebacks

clean_tracebacks()
main()
