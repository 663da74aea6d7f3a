"""`python -m bench.bundle_upload`: how long the code of a bundle takes to upload, against what its requests allow.

A deploy of 200 files sends a number of requests, each of which takes the latency, ten at a time (Terraform's
parallelism). What that allows is measured beside it: Terraform with as many resources of no provider, which wait as
long as the requests do and nothing else, with a state of the same size. Arithmetic alone is printed as well: no
Terraform reaches it, for it writes its whole state after each resource.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.deployments import Deployment, as_ci, deployment_in
from tests.ml_project import NOTEBOOK, project_config, write_project

PARALLELISM = 10
LIMIT = 1.5
BUNDLE = """\
bundle: {name: fares}
targets:
  staging: {workspace: {host: "https://acme-staging.cloud.databricks.com"}}
  test: {workspace: {host: "https://acme-staging.cloud.databricks.com"}}
  prod: {workspace: {host: "https://acme-prod.cloud.databricks.com"}}
"""


def main() -> None:
    """Measure, print, and fail when the limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds that every request takes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        write_project(folder, {"databricks.yml": BUNDLE, **code(arguments.files)}, only=True)
        with deployment_in(folder, project_config()) as deployment:
            ratios = [round_of(deployment, arguments.latency, arguments.files) for _ in range(arguments.rounds)]
    ratio = statistics.median(ratios)
    print(f"median ratio {ratio:.2f} (limit {LIMIT}) for {arguments.files} files")
    raise SystemExit(0 if ratio <= LIMIT else 1)


def code(count: int) -> dict[str, str]:
    """Half notebooks, half plain files, ten to a folder."""
    return {
        f"package{number // 10}/module{number}.py": NOTEBOOK if number % 2 else f"print({number})\n"
        for number in range(count)
    }


def round_of(deployment: Deployment, latency: float, files: int) -> float:
    """Seconds of one deploy over seconds of Terraform that only waits."""
    if not list(deployment.sandbox.folder.terraform_state.glob("staging.*")):
        deployment.synth()
        deployment.apply("staging")
        deployment.sandbox.ask("save")
    deployment.sandbox.ask("restore")
    for state in deployment.sandbox.folder.terraform_state.glob("bundle-*"):
        state.unlink()
    runner = as_ci(deployment, "STAGING_WORKSPACE_TOKEN", "main")
    runner.synth()
    runner.terraform("bundle-staging", "init", "-input=false")
    before = len(deployment.requests())
    deployment.sandbox.ask("latency", seconds=latency)
    deploy = seconds_of(lambda: runner.apply("bundle-staging"))
    deployment.sandbox.ask("latency", seconds=0)
    sent = len(deployment.requests()) - before
    size = (deployment.sandbox.folder.terraform_state / "bundle-staging.tfstate").stat().st_size // files
    waiting = seconds_of(lambda: wait(deployment, files, seconds=sent * latency / files, size=size))
    print(
        f"{sent} requests: deploy {deploy:.2f} s, Terraform that waits {waiting:.2f} s, ratio {deploy / waiting:.2f}; "
        f"by arithmetic {sent * latency / PARALLELISM:.2f} s"
    )
    return deploy / waiting


def wait(deployment: Deployment, resources: int, *, seconds: float, size: int) -> None:
    """Apply as many resources that wait for so long each; in the state they take about `size` bytes each."""
    # A resource of terraform_data takes 400 bytes besides its input, which it shows twice.
    waits = {
        "input": "x" * max((size - 400) // 2, 0),
        "provisioner": {"local-exec": {"command": f"sleep {seconds:.3f}"}},
    }
    with tempfile.TemporaryDirectory() as folder:
        document = {"resource": {"terraform_data": {f"r{number}": waits for number in range(resources)}}}
        Path(folder, "main.tf.json").write_text(json.dumps(document), encoding="utf-8")
        binary = deployment.environ["SANDBOX_TERRAFORM"]
        deployment.run(binary, "init", "-input=false", cwd=Path(folder))
        deployment.run(binary, "apply", "-auto-approve", "-input=false", cwd=Path(folder))


def seconds_of(act: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
