"""The example of mlops.yaml, deployed into a fresh sandbox: what `make demo` shows."""

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

from rich.table import Table

from demo.deployment import Watcher
from demo.stage import ActFailedError, Stage, plain_console
from faults import FaultsError
from settings import Settings, load

ROOT = Path(__file__).parent.parent
SANDBOX = [sys.executable, "-m", "sandbox"]


def main() -> None:
    """Play every act, or stop at the one that fails and say why."""
    parser = argparse.ArgumentParser(description="Deploy the example into a fresh sandbox.")
    parser.add_argument("--setup-seconds", type=int, default=0, help="what the set-up before this took")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    try:
        settings = load(folder=ROOT)
    except FaultsError as faults:
        sys.exit(str(faults))
    stage = Stage(console=plain_console(), log=ROOT / ".sandbox" / "demo.log")
    stage.say(f"Set-up: {arguments.setup_seconds} s\n")
    try:
        _play(stage, settings)
    except ActFailedError as failure:
        stage.say(f"\n[red]This failed:[/red]\n{failure}\n")
        sys.exit(f"The whole output is in {stage.log.relative_to(ROOT)}.")
    except KeyboardInterrupt:
        sys.exit("Stopped. `make demo` begins anew.")
    stage.say(f"\nSet-up {arguments.setup_seconds} s, the rest {stage.seconds:.1f} s.")


def _play(stage: Stage, settings: Settings) -> None:
    environments = [environment.name for environment in settings.environments]
    stacks = ("repository", *environments)

    stage.say("A Databricks account and a GitHub on this machine, as on day one:")
    stage.run("python -m sandbox reset", [*SANDBOX, "reset"])
    stage.run("python -m sandbox up", [*SANDBOX, "up"])

    stage.say("\nThe setup of mlops.yaml, with real cdktf and real Terraform:")
    watcher = Watcher(stacks)
    stage.run(
        f"cdktf deploy {' '.join(stacks)}",
        [*SANDBOX, "run", "--", "cdktf", "deploy", *stacks, "--auto-approve"],
        watch=watcher,
    )

    log = stage.run("python -m sandbox log", [*SANDBOX, "log", "--json", "-n", "100000"])
    requests = Counter(json.loads(line)["stack"] for line in log if line.startswith("{"))

    stage.say("\nNothing is left to do:")
    # Synthesized a moment ago; nothing has changed since.
    diff = [*SANDBOX, "run", "--", "cdktf", "diff", "--skip-synth"]
    said = stage.run_together({f"cdktf diff {stack}": [*diff, stack] for stack in stacks})
    for title, lines in said.items():
        if not any("No changes. Your infrastructure matches the configuration." in line for line in lines):
            raise ActFailedError(f"{title} still wants to change something.")

    _show_token(stage, settings)
    _show_table(stage, watcher, requests)


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


def _show_table(stage: Stage, watcher: Watcher, requests: Counter[str]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("stack", "resources", "seconds", "requests"):
        table.add_column(column, justify="left" if column == "stack" else "right")
    for stack, progress in watcher.progress.items():
        table.add_row(stack, str(progress.resources), f"{progress.seconds:.1f}", str(requests[stack]))
    stage.say()
    stage.console.print(table)
    stage.say(
        "\nThe sandbox is still up. Go on with:\n"
        "  source .venv/bin/activate\n"
        "  python -m sandbox log                        every request and who sent it\n"
        "  python -m sandbox dump                       everything that exists\n"
        "  $EDITOR mlops.yaml; python -m sandbox run -- cdktf diff staging\n"
        "  python -m sandbox down                       stop the server"
    )


if __name__ == "__main__":
    main()
