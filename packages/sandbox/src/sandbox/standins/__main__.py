"""`python -m sandbox.standins databricks|github`: one stand-in, started with everything that it needs."""

import sys


def main() -> None:
    """Serve the named provider."""
    from sandbox.standins.providers import NAMES, provider

    if len(sys.argv) != 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: python -m sandbox.standins {'|'.join(NAMES)}")
    from sandbox.standins.plugin import parent_gone, run
    from sandbox.standins.schema import load
    from sandbox.standins.servicer import Servicer

    run(Servicer(provider(sys.argv[1]), load(sys.argv[1])), orphaned=parent_gone)


if __name__ == "__main__":
    main()
