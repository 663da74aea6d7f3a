"""`python -m bench.synthesis`: what a bundle of many files costs, against the same bundle with ten.

The app synthesizes projects that differ in nothing but how many files they have. Each is timed as a whole process, in
turns, and the medians are compared.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.ml_project import NOTEBOOK, project_config, write_project

PROJECT = Path(__file__).resolve().parent.parent
FEW = 10
LIMITS = {1_000: 1.5, 10_000: 3.0}
BUNDLE = """\
bundle: {name: fares}
targets:
  staging: {workspace: {host: "https://acme-staging.cloud.databricks.com"}}
  test: {workspace: {host: "https://acme-staging.cloud.databricks.com"}}
  prod: {workspace: {host: "https://acme-prod.cloud.databricks.com"}}
"""


def main() -> None:
    """Measure, print, and fail when a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folders = {count: project(Path(name) / str(count), count) for count in (FEW, *LIMITS)}
        seconds: dict[int, list[float]] = {count: [] for count in folders}
        for _ in range(arguments.rounds):
            for count, folder in folders.items():
                seconds[count].append(synthesis(folder))
    medians = {count: statistics.median(times) for count, times in seconds.items()}
    print(f"{FEW:>6} files: {medians[FEW]:.2f} s of the processor")
    for count, limit in LIMITS.items():
        print(f"{count:>6} files: {medians[count]:.2f} s, ratio {medians[count] / medians[FEW]:.2f} (limit {limit})")
    raise SystemExit(any(medians[count] > limit * medians[FEW] for count, limit in LIMITS.items()))


def project(folder: Path, count: int) -> Path:
    """A project with as many files, half of them notebooks, ten to a folder."""
    files = {
        f"package{number // 10}/module{number}.py": NOTEBOOK if number % 2 else f"print({number})\n"
        for number in range(count)
    }
    write_project(folder, {"databricks.yml": BUNDLE, **files}, only=True)
    (folder / "mlops.yaml").write_text(yaml.safe_dump(project_config()), encoding="utf-8")
    return folder


def synthesis(folder: Path) -> float:
    """Seconds of the processor that one run of the app takes, its Node included."""
    before = os.times()
    subprocess.run(
        [sys.executable, "main.py"],
        cwd=PROJECT,
        env=environment(folder),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def environment(folder: Path) -> Mapping[str, str]:
    """Settings and output in the project's own folder."""
    return {**os.environ, "MLOPS_CONFIG": str(folder / "mlops.yaml"), "CDKTF_OUTDIR": str(folder / "out")}


if __name__ == "__main__":
    main()
