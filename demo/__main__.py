"""The example of mlops.yaml, deployed into a fresh sandbox: what `make demo` shows."""

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

from rich.table import Table
from rich.text import Text

from demo.deployment import Watcher
from demo.stage import ActFailedError, Stage, plain_console
from safe_text import media
from safe_text.terminal import clean_tracebacks, stop
from settings import EnvironmentSettings, Settings, load
from settings.faults import FaultsError

ROOT = Path(__file__).parent.parent
SANDBOX = [sys.executable, "-m", "sandbox"]
# What is run of which target, in that order: each job reads what the one before it has written.
JOBS = {
    "test": ("write-feature-table", "model-training"),
    "prod": ("write-feature-table", "model-training", "batch-inference"),
}
ACTS = ("schedule-paused", "workflow-permissions-flipped", "grant-widened")


def main() -> None:
    """Play every act, or stop at the one that fails and say why."""
    parser = argparse.ArgumentParser(description="Deploy the example into a fresh sandbox.")
    parser.add_argument("--setup-seconds", type=int, default=0, help="what the set-up before this took")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    try:
        settings = load(folder=ROOT)
    except FaultsError as faults:
        stop(str(faults))
    stage = Stage(console=plain_console(), log=ROOT / ".sandbox" / "demo.log")
    stage.say(f"Set-up: {arguments.setup_seconds} s\n")
    try:
        _play(stage, settings)
    except ActFailedError as failure:
        stage.say("\nThis failed:", style="red")
        stage.say(str(failure))
        stop(f"\nThe whole output is in {stage.log.relative_to(ROOT)}.")
    except KeyboardInterrupt:
        stop("Stopped. `make demo` begins anew.")
    stage.say(f"\nSet-up {arguments.setup_seconds} s, the rest {stage.seconds:.1f} s.")


def _play(stage: Stage, settings: Settings) -> None:
    stacks = tuple(name for name, one in settings.stacks.items() if one.bundle is None)

    stage.say("A Databricks account and a GitHub on this machine, as on day one:")
    stage.run("python -m sandbox reset", [*SANDBOX, "reset"])
    stage.run("python -m sandbox up", [*SANDBOX, "up"])

    stage.say("\nThe setup of mlops.yaml, with real cdktf and real Terraform:")
    watcher = Watcher(tuple(settings.stacks))
    stage.run(f"cdktf deploy {' '.join(stacks)}", [*SANDBOX, "run", "--", *_deploy(*stacks)], watch=watcher)

    stage.say("\nNothing is left to do:")
    # Synthesized a moment ago; nothing has changed since.
    diff = [*SANDBOX, "run", "--", "cdktf", "diff", "--skip-synth"]
    said = stage.run_together({f"cdktf diff {stack}": [*diff, stack] for stack in stacks})
    for title, lines in said.items():
        if not any("No changes. Your infrastructure matches the configuration." in line for line in lines):
            raise ActFailedError(f"{title} still wants to change something.")

    _show_token(stage, settings)
    _deploy_bundles(stage, settings, watcher)
    _run_jobs(stage, settings)
    _show_table(stage, watcher)
    _show_drift(stage, settings)
    _say_what_next(stage)


def _deploy(*stacks: str) -> list[str]:
    return ["cdktf", "deploy", *stacks, "--auto-approve", "--parallelism", str(len(stacks))]


def _deploy_bundles(stage: Stage, settings: Settings, watcher: Watcher) -> None:
    stage.say("\nThe targets of databricks.yml, from each environment's branch and with its CI token alone:")
    for environment in settings.environments:
        stacks = [bundle.stack for bundle in settings.bundles if bundle.environment == environment]
        stage.run(
            f"MLOPS_BRANCH={environment.branch} cdktf deploy {' '.join(stacks)}",
            _on_branch(environment, *_deploy(*stacks)),
            watch=watcher,
        )


def _on_branch(environment: EnvironmentSettings, *command: str) -> list[str]:
    """A command as a job of a workflow on the environment's branch runs it."""
    return [
        *[*SANDBOX, "run", "--as-secret", environment.secret, "--"],
        *["env", f"MLOPS_BRANCH={environment.branch}", *command],
    ]


def _run_jobs(stage: Stage, settings: Settings) -> None:
    stage.say("\nTheir jobs, run by the principals that own them (the sandbox checks rights, and runs no code):")
    runs = {}
    for bundle in settings.bundles:
        if bundle.environment is not None and bundle.target in JOBS:
            names = [f"{bundle.target}-taxi-fare-{job}-job" for job in JOBS[bundle.target]]
            command = [sys.executable, "-m", "demo.job_run", bundle.workspace.host, *names]
            runs[f"python -m demo.job_run ({bundle.target})"] = _on_branch(bundle.environment, *command)
    for lines in stage.run_together(runs).values():
        for name, result in json.loads(next(line for line in lines if line.startswith("{"))).items():
            stage.say(f"    {name:<50} {result}")
            if result != "SUCCESS":
                raise ActFailedError(f"{name}: {result}")


def _show_drift(stage: Stage, settings: Settings) -> None:
    stage.say("\nSomebody changes things in the consoles:")
    said = stage.run(f"python -m sandbox tamper {' '.join(ACTS)}", [*SANDBOX, "tamper", *ACTS])
    for line in said:
        stage.say(f"    {line}")
    stage.say("\nWhat CI makes of it, next morning:")
    secrets = [part for one in settings.environments for part in ("--with-secret", one.secret)]
    branch = f"MLOPS_BRANCH={settings.environments[0].branch}"
    report = stage.run(
        "python -m checks drift",
        [*SANDBOX, "run", *secrets, "--", "env", branch, sys.executable, "-m", "checks", "drift"],
        code=2,
    )
    stage.say()
    for line in report:
        if not line.startswith("sandbox:"):
            stage.say(f"  {line}".rstrip())


def _show_token(stage: Stage, settings: Settings) -> None:
    first, *others = settings.environments
    hosts = [first.workspace.host, *(other.workspace.host for other in others)]
    stage.say(f"\nThe token in {first.secret}, opened as a workflow would:")
    lines = stage.run(
        f"python -m sandbox run --as-secret {first.secret}",
        [*SANDBOX, "run", "--as-secret", first.secret, "--", sys.executable, "-m", "demo.token_check", *hosts],
    )
    facts = json.loads(next(line for line in lines if line.startswith("{")))
    for host, answer in facts["hosts"].items():
        stage.say(f"  {host:<50} {answer}")
    stage.say(f"  {'to list all tokens there':<50} {facts['admin']}")


def _show_table(stage: Stage, watcher: Watcher) -> None:
    log = stage.run("python -m sandbox log", [*SANDBOX, "log", "--json", "-n", "100000"])
    requests = Counter(json.loads(line)["stack"] for line in log if line.startswith("{"))
    table = Table(box=None, pad_edge=False)
    for column in ("stack", "resources", "seconds", "requests"):
        table.add_column(column, justify="left" if column == "stack" else "right")
    for stack, progress in watcher.progress.items():
        table.add_row(Text(media.line(stack)), str(progress.resources), f"{progress.seconds:.1f}", str(requests[stack]))
    stage.say()
    stage.console.print(table)


def _say_what_next(stage: Stage) -> None:
    stage.say(
        "\nThe sandbox is still up. Go on with:\n"
        "  source .venv/bin/activate\n"
        "  python -m sandbox log                        every request and who sent it\n"
        "  python -m sandbox dump                       everything that exists\n"
        "  $EDITOR mlops.yaml; python -m sandbox run -- cdktf diff staging\n"
        "  python -m sandbox down                       stop the server"
    )


if __name__ == "__main__":
    clean_tracebacks()
    main()
