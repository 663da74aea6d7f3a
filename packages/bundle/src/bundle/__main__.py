"""python -m bundle DIR -t TARGET: what `databricks bundle validate -o json` prints, without a workspace.

The configuration goes to stdout, warnings and errors to stderr. The exit code is 1 when there are errors.
"""

# A path that is too long to exist does not exist.
# ruff: noqa: PTH110

import argparse
import csv
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bundle.entry import FILE_NAMES
from bundle.facts import Git, Identity
from bundle.resolved import resolve
from safe_text.media import json_document
from safe_text.terminal import clean_tracebacks, say, show


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    if options.service_principal:
        identity = Identity.service_principal(options.service_principal, display_name=options.display_name)
    else:
        identity = Identity.user(options.user)
    stated = (options.git_origin_url, options.git_branch, options.git_commit)
    git = None
    if options.no_git or any(stated):
        git = Git(origin_url=stated[0], branch=stated[1], commit=stated[2])
    resolved = resolve(
        _bundle_root(options.directory),
        target=options.target or os.environ.get("DATABRICKS_BUNDLE_TARGET", ""),
        identity=identity,
        git=git,
        variables=tuple(assignment for group in options.var for assignment in next(csv.reader([group]))),
        environ=os.environ,
    )
    for diagnostic in resolved.diagnostics:
        show(str(diagnostic), err=True, end="\n\n")
    if not resolved.located:
        return 1
    try:
        show(json_document(resolved.to_json()))
    except ValueError as error:
        say(f"Error: {error}", err=True)
        return 1
    return 0 if resolved.ok else 1


def _bundle_root(directory: str) -> Path:
    """The folder itself or the nearest one above that holds a bundle."""
    start = Path(directory).absolute()
    holders = (
        folder for folder in (start, *start.parents) if any(os.path.exists(folder / name) for name in FILE_NAMES)
    )
    return next(holders, start)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bundle", description=__doc__)
    parser.add_argument("directory", nargs="?", default=".", help="the folder with databricks.yml")
    parser.add_argument("-t", "--target", default="", help="the target; its default without")
    parser.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="a variable's value; several with commas"
    )
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--user", metavar="NAME", help="deploy as this user")
    who.add_argument("--service-principal", metavar="ID", help="deploy as the principal with this application id")
    parser.add_argument("--display-name", default="", metavar="NAME", help="the service principal's display name")
    parser.add_argument("--git-origin-url", default="", metavar="URL", help="Git facts, instead of those in .git")
    parser.add_argument("--git-branch", default="", metavar="NAME")
    parser.add_argument("--git-commit", default="", metavar="HASH")
    parser.add_argument("--no-git", action="store_true", help="as outside of a checkout")
    return parser


if __name__ == "__main__":
    clean_tracebacks()
    sys.exit(main())
