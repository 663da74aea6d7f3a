"""`python -m bench.drift`: seconds of looking at every stack, against one `cdktf synth` and the slowest plan alone.

The example, bundles included, is deployed into a sandbox; its ML project is a Git checkout with the branches main and
release, so that the app has to run for both, and the look at the objects is part of it. Less than synthesizing once and
waiting for the slowest plan cannot be had without looking at less.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

import yaml

from checks.synthesized import PROJECT
from tests.deployments import Deployment, as_ci
from tests.drift_setup import SECRETS, STACKS, Setup, deploy_all, make_repository, setup_in

LIMIT = 1.4
# On main, the branch guard refuses to plan the other branch's.
PLANNED = tuple(stack for stack in STACKS if stack != "bundle-prod")
_PAUSE_SECONDS = 0.05


def main() -> None:
    """Measure, print, and fail when the limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    config = yaml.safe_load((PROJECT / "mlops.yaml").read_text(encoding="utf-8"))
    config["ml_project"]["path"] = "ml"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        shutil.copytree(PROJECT / "examples" / "taxi_fare", folder / "ml")
        make_repository(folder / "ml", released="training/dataset.py")
        with setup_in(folder, config) as setup:
            deploy_all(setup)
            ratios = [round_of(setup, number) for number in range(1, arguments.rounds + 1)]
    ratio = statistics.median(ratios)
    print(f"median ratio {ratio:.2f} (limit {LIMIT}) for {len(STACKS)} stacks")
    raise SystemExit(0 if ratio <= LIMIT else 1)


def round_of(setup: Setup, number: int) -> float:
    """Seconds of the command over those of its parts."""
    deployment, environ = setup.deployment, setup.environ
    synth = seconds_of(lambda: deployment.cdktf("synth"))
    ci = as_ci(deployment, SECRETS["staging"], "")
    plans = {
        stack: seconds_of(partial(plan, ci if stack.startswith("bundle-") else deployment, stack)) for stack in PLANNED
    }
    slowest = max(plans, key=lambda stack: plans[stack])
    with Peak() as peak:
        whole = seconds_of(lambda: look(deployment, environ))
    ratio = whole / (synth + plans[slowest])
    print(
        f"round {number}: drift {whole:.2f} s, cdktf synth {synth:.2f} s, the slowest plan ({slowest}) "
        f"{plans[slowest]:.2f} s, ratio {ratio:.2f}; at most {peak.megabytes:.0f} MB, stand-ins left out"
    )
    return ratio


def look(deployment: Deployment, environ: dict[str, str]) -> None:
    """The command, which finds nothing."""
    said = deployment.run(sys.executable, "-m", "checks", "drift", environ=environ)
    assert said.endswith(f"{len(STACKS)} stacks: nothing differs.\n"), said


def plan(who: Deployment, stack: str) -> None:
    """One plan by itself."""
    who.terraform(stack, "plan", "-input=false", "-lock=false")


def seconds_of(act: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


class Peak:
    """The most memory that all descendants of this process hold at once while the block runs (Linux).

    The sandbox and the stand-in providers, which it forks, are none of them.
    """

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watching.join()

    def _watch(self) -> None:
        while not self._over.wait(_PAUSE_SECONDS):
            self.megabytes = max(self.megabytes, sum(_resident(pid) for pid in _descendants(os.getpid())))


def _descendants(root: int) -> set[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                # The name, in parentheses, may hold anything.
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found, left = set[int](), {root}
    while left:
        left = {pid for pid, parent in parents.items() if parent in left} - found
        found |= left
    return found


def _resident(pid: int) -> float:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return 0.0


if __name__ == "__main__":
    main()
