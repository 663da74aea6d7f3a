"""Puts packages of this repository on the path of the environment that runs it.

A path file of Python (https://docs.python.org/3/library/site.html): pip could not check hashes of folders, and what is
edited here is what runs. Its lines are relative, so that the environment can be moved together with the checkout.
"""

import os
import sys
import sysconfig
from pathlib import Path

PACKAGES = Path(__file__).resolve().parent.parent / "packages"


def main(names: list[str]) -> None:
    """Write the path file for the folders of `packages/` that are named."""
    site = Path(sysconfig.get_path("purelib"))
    lines = [os.path.relpath(PACKAGES / name / "src", site) for name in names]
    (site / "own_packages.pth").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
