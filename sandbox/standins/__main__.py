"""`python -m sandbox.standins databricks|github`: what the launchers in the mirror execute."""

import sys


def main() -> None:
    """Serve the named provider."""
    if sys.argv[1:] == ["databricks"]:
        from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
        from sandbox.standins.plugin import run

        run(DATABRICKS)
    elif sys.argv[1:] == ["github"]:
        from sandbox.standins.github.provider import PROVIDER as GITHUB
        from sandbox.standins.plugin import run

        run(GITHUB)
    else:
        sys.exit("usage: python -m sandbox.standins databricks|github")


main()
