"""How long a large bundle takes to resolve, how that grows, and how much memory it needs.

    python -m bench.bundle_resolve

Two shapes: many files of code beside 100 jobs, and many included files of configuration, 100 of which define a job.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bundle import Git, Identity, resolve

JOBS = 100
TASKS = 5
LIMIT_SECONDS = 1.5
SIZES = (1000, 2000, 4000)


def job(number: int) -> str:
    """A job of five tasks that use variables, a shared cluster and a notebook."""
    tasks = "".join(
        f"""
        - task_key: t{task}
          job_cluster_key: main
          depends_on: [{{task_key: t{max(task - 1, 0)}}}]
          notebook_task:
            notebook_path: ../src/p0/n0.py
            base_parameters: {{env: "${{bundle.target}}", table: "${{var.catalog}}.s.t{task}"}}"""
        for task in range(TASKS)
    )
    return f"""
resources:
  jobs:
    job_{number}:
      name: ${{bundle.target}}-job-{number}
      permissions: [{{level: CAN_VIEW, group_name: users}}]
      job_clusters:
        - job_cluster_key: main
          new_cluster: ${{var.cluster}}
      tasks:{tasks}
"""


def write(folder: Path, code: int, configuration: int) -> None:
    """A bundle with that many files of code and of included configuration."""
    (folder / "conf").mkdir(parents=True)
    (folder / "databricks.yml").write_text(
        "bundle: {name: large}\ninclude: [conf/*.yml]\nvariables:\n  catalog: {default: main}\n"
        "  cluster:\n    type: complex\n    default: {num_workers: 2, spark_version: 15.4.x, node_type_id: i3.xlarge}\n"
        "targets: {dev: {mode: development}}\n"
    )
    for number in range(max(configuration, JOBS)):
        text = (
            job(number) if number < JOBS else f"resources: {{schemas: {{s{number}: {{name: s, catalog_name: c}}}}}}\n"
        )
        (folder / "conf" / f"{number:05}.yml").write_text(text)
    for number in range(max(code, 1)):
        package = folder / "src" / f"p{number // 50}"
        package.mkdir(parents=True, exist_ok=True)
        (package / f"n{number % 50}.py").write_text("# Databricks notebook source\n")
    (folder / ".gitignore").write_text("*.pyc\n__pycache__/\n.venv\n")


def measure(folder: Path, repeats: int) -> float:
    """Seconds of the fastest run."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        resolved = resolve(folder, target="dev", identity=Identity.user("jane@example.com"), git=Git())
        best = min(best, time.perf_counter() - start)
        if not resolved.ok:
            raise SystemExit("\n".join(map(str, resolved.diagnostics)))
    return best


def peak_megabytes(folder: Path) -> float:
    """The peak of a process of its own that resolves the bundle once and prints it."""
    command = [sys.executable, "-m", "bundle", str(folder), "-t", "dev", "--user", "jane@example.com", "--no-git"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Prints a table per shape; fails when 1,000 files take too long or time grows faster than files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    shapes: dict[str, Callable[[int], tuple[int, int]]] = {
        "code": lambda size: (size, JOBS),
        "configuration": lambda size: (1, size),
    }
    slow = []
    with tempfile.TemporaryDirectory() as temporary:
        for shape, numbers in shapes.items():
            first = 0.0
            for size in SIZES:
                folder = Path(temporary) / f"{shape}{size}"
                write(folder, *numbers(size))
                seconds = measure(folder, options.repeats)
                first = first or seconds
                ratio = seconds / first / (size / SIZES[0])
                print(
                    f"{shape:<14} {size:>5} files {JOBS} jobs  {seconds:6.3f} s  "
                    f"{ratio:4.2f} x linear  peak {peak_megabytes(folder):5.0f} MB"
                )
                if (size == SIZES[0] and seconds > LIMIT_SECONDS) or ratio > 1.3:
                    slow.append(f"{shape} {size}")
    if slow:
        raise SystemExit(f"too slow: {', '.join(slow)}")


if __name__ == "__main__":
    main()
