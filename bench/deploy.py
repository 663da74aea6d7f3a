"""`python -m bench.deploy`: what cdktf and the app add to Terraform, in requests and in seconds.

Each round begins with the sandbox as on day one and no Terraform state. Three ways to the same setup:
hand-written HCL, `cdktf deploy` of the three stacks, and `cdktf synth` followed by Terraform alone on the same JSON.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.deployments import Deployment, deployment_in
from tests.synthesis import config

STACKS = ("repository", "staging", "prod")
HAND_WRITTEN = Path(__file__).parent / "hand_written"


def main() -> None:
    """Measure, print, and fail when a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds that every request takes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, deployment_in(Path(folder) / "project", config()) as deployment:
        deployment.sandbox.ask("save")
        deployment.sandbox.ask("latency", seconds=arguments.latency)
        copies = hand_written(Path(folder) / "hand_written")

        hand = requests_of(deployment, lambda: in_parallel(lambda stack: terraform(deployment, copies / stack)))
        ours = requests_of(deployment, lambda: deployment.cdktf("deploy", *STACKS, "--auto-approve"))
        print(f"requests: cdktf deploy {ours}, hand-written HCL {hand}, ratio {ours / hand:.3f} (limit 1)")

        ratios = []
        for number in range(arguments.rounds):
            whole = seconds_of(deployment, lambda: deployment.cdktf("deploy", *STACKS, "--auto-approve"))
            parts = seconds_of(deployment, lambda: synth_and_terraform(deployment))
            ratios.append(whole / parts)
            print(
                f"round {number + 1}: cdktf deploy {whole:.2f} s, synth and Terraform {parts:.2f} s, {ratios[-1]:.3f}"
            )
        ratio = statistics.median(ratios)
        print(f"seconds: median ratio {ratio:.3f} (limit 1.1) at {arguments.latency * 1000:.0f} ms per request")
    raise SystemExit(0 if ours <= hand and ratio <= 1.1 else 1)


def hand_written(folder: Path) -> Path:
    """One folder per stack; the environments share their HCL and differ in their variables."""
    shutil.copytree(HAND_WRITTEN / "repository", folder / "repository")
    for name, section in config()["environments"].items():
        shutil.copytree(HAND_WRITTEN / "environment", folder / name)
        variables = {"name": name, "host": section["host"], "catalogs": section.get("targets", [name])}
        (folder / name / "terraform.tfvars.json").write_text(json.dumps(variables), encoding="utf-8")
    return folder


@contextmanager
def from_day_one(deployment: Deployment) -> Iterator[None]:
    deployment.sandbox.ask("restore")
    shutil.rmtree(deployment.output, ignore_errors=True)
    for state in deployment.sandbox.folder.terraform_state.iterdir():
        state.unlink()
    yield


def requests_of(deployment: Deployment, act: Callable[[], object]) -> int:
    with from_day_one(deployment):
        before = len(deployment.requests())
        act()
        return len(deployment.requests()) - before


def seconds_of(deployment: Deployment, act: Callable[[], object]) -> float:
    with from_day_one(deployment):
        began = time.perf_counter()
        act()
        return time.perf_counter() - began


def synth_and_terraform(deployment: Deployment) -> None:
    deployment.cdktf("synth")
    in_parallel(lambda stack: terraform(deployment, deployment.output / "stacks" / stack))


def in_parallel(act: Callable[[str], object]) -> None:
    """As cdktf does it: all stacks at once."""
    with ThreadPoolExecutor(len(STACKS)) as pool:
        list(pool.map(act, STACKS))


def terraform(deployment: Deployment, folder: Path) -> None:
    """Init, plan and apply."""
    for state in folder.glob("terraform.tfstate*"):
        state.unlink()
    for command in (
        ["init", "-input=false"],
        ["plan", "-input=false", "-out=plan"],
        ["apply", "-input=false", "plan"],
    ):
        subprocess.run(
            [deployment.environ["TERRAFORM_BINARY_NAME"], *command],
            cwd=folder,
            env=deployment.environ,
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
