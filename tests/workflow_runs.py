"""Jobs of our workflows, run here as a runner of GitHub runs them: every shell step, with the job's own credentials.

What an action of others does is replaced by what that means on this machine (`_Job._act`); a few steps are left out
(`LEFT_OUT`), because this machine has done them.
"""

import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from checks.synthesized import PROJECT
from tests.deployments import ESCAPES, Deployment
from tests.workflow_expressions import Scope, asks_for_status, filled, holds

# The commands that are not run, and why.
LEFT_OUT = {
    'make "$TARGET"': "the tests' own environment is what it installs",
    "make lint": "`make test` begins with it",
}
# Actions of others that have nothing to do here: this machine has what they install, and the sandbox wants no state.
_NOTHING_TO_DO = ("actions/setup-python@", "hashicorp/setup-terraform@")
SETUP, ML = "acme-ml/databricks-mlops-setup", "acme-ml/taxi-fare"
_CREDENTIALS = ("DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET", "DATABRICKS_TOKEN", "GITHUB_TOKEN", "MLOPS_CONFIG")
_MASK = re.compile(r"^::add-mask::(.*)$", re.MULTILINE)


def parsed(file: Path) -> dict[str, Any]:
    """A workflow as data; YAML 1.1 takes the key `on` for true."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in content.items()}


@dataclass(frozen=True, slots=True)
class Ran:
    """A job that has ended: `said` is its log, `summary` what its steps wrote for people."""

    result: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """What GitHub would know: the two repositories, and what was configured in their settings.

    `secrets` by environment, "" for those of the repository, hold every name that a workflow may ask for; `variables`
    likewise. `now` is the moment of the sandbox's clock, when that was moved. `files` is what `main` of the
    infrastructure repository has instead of this project's own, by path.
    """

    deployment: Deployment
    ml_origin: Path
    secrets: Mapping[str, Mapping[str, str]]
    variables: Mapping[str, Mapping[str, str]]
    job_token: str
    now: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        workflow: Path,
        *,
        event: str,
        payload: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        only: Mapping[str, Mapping[str, str]] | None = None,
        given: Mapping[str, str] | None = None,
        earlier: Mapping[str, Ran] | None = None,
        called_by: Mapping[str, Any] | None = None,
        ref: str = "refs/heads/main",
    ) -> dict[str, Ran]:
        """Run the jobs of a workflow in order; the results, by job.

        `only` names the jobs that are run, and for each the values of its matrix that are; the others are taken to end
        as `given` says, or as they have `earlier`, or to succeed. A workflow that another one calls gets `called_by`:
        that job's secrets.
        """
        content = parsed(workflow)
        done: dict[str, Ran] = {}
        for key, job in content["jobs"].items():
            if only is not None and key not in only:
                done[key] = (earlier or {}).get(key) or Ran((given or {}).get(key, "success"), _empty(job))
                continue
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            contexts = {
                "github": {
                    "event_name": event,
                    "event": payload or {},
                    "ref": ref,
                    "ref_name": re.sub(r"refs/(heads|tags|pull)/", "", ref),
                    "sha": _commit(self.ml_origin, ref.removeprefix("refs/heads/")) if called_by is not None else "",
                    "repository": ML if called_by is not None else SETUP,
                    "server_url": "https://github.com",
                    "run_id": "4711",
                    "token": self.job_token,
                },
                "inputs": inputs if inputs is not None else _no_inputs(content),
                "needs": {one: {"result": done[one].result, "outputs": done[one].outputs} for one in needs},
                "vars": {},
            }
            results = {done[one].result for one in needs}
            scope = Scope(contexts, failed="failure" in results)
            # Without a status function, a job is skipped with what it needs.
            if ("skipped" in results and not asks_for_status(job.get("if"))) or not holds(job.get("if"), scope):
                done[key] = Ran("skipped")
            else:
                chosen = (only or {}).get(key, {})
                runs = [
                    self._job(content, job, {**contexts, "matrix": matrix}, called_by)
                    for matrix in _matrices(job)
                    if chosen.items() <= matrix.items()
                ]
                done[key] = _together(runs)
        return done

    def _job(
        self,
        content: Mapping[str, Any],
        job: Mapping[str, Any],
        contexts: Mapping[str, Any],
        called_by: Mapping[str, Any] | None,
    ) -> Ran:
        environment = filled(job.get("environment", ""), Scope(contexts))
        secrets = self.secrets[environment] if called_by is None else called_by
        with tempfile.TemporaryDirectory(prefix="job-") as folder:
            run = _Job(
                github=self,
                workspace=Path(folder) / "work",
                temporary=Path(folder) / "temp",
                contexts={
                    **contexts,
                    "secrets": secrets,
                    "vars": self.variables[environment] if called_by is None else {},
                    "job": {"workflow_repository": SETUP, "workflow_sha": "of the called workflow"},
                },
            )
            return run.perform(content, job)


@dataclass(slots=True)
class _Job:
    github: GitHub
    workspace: Path
    temporary: Path
    contexts: Mapping[str, Any]
    environ: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)

    def perform(self, content: Mapping[str, Any], job: Mapping[str, Any]) -> Ran:
        self.workspace.mkdir()
        self.temporary.mkdir()
        # A runner is new: what an earlier job has synthesized is not there.
        for left in self.github.deployment.output.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        outer = Scope(self.contexts)
        env = {
            **_filled(content.get("env"), outer),
            **_filled(job.get("env"), outer),
        }
        defaults = content.get("defaults", {}).get("run", {})
        steps: dict[str, Any] = {}
        failed = self._steps(job["steps"], env, {**self.contexts, "steps": steps}, defaults)
        ended = Scope({**self.contexts, "steps": steps})
        # What a failed step did not come to write is empty.
        outputs = _empty(job) if failed else _filled(job.get("outputs"), ended)
        return Ran("failure" if failed else "success", outputs, "".join(self.said), "".join(self.summary))

    def _steps(
        self,
        listed: list[dict[str, Any]],
        env: Mapping[str, str],
        contexts: Mapping[str, Any],
        defaults: Mapping[str, str],
    ) -> bool:
        """Run steps in order; whether one has failed. Their outcomes and outputs go into contexts["steps"]."""
        failed = False
        for step in listed:
            scope = Scope(contexts, failed=failed)
            # What a skipped step did not come to write is empty.
            ours = step.get("uses", "").startswith("$/")
            outcome, outputs = "skipped", dict.fromkeys(_composite(step["uses"]).get("outputs", {}) if ours else (), "")
            if holds(step.get("if"), scope):
                outcome, outputs = self._step(step, {**env, **_filled(step.get("env"), scope)}, scope, defaults)
            if "id" in step:
                contexts["steps"][step["id"]] = {"outcome": outcome, "outputs": outputs}
            failed |= outcome == "failure" and not step.get("continue-on-error", False)
        return failed

    def _step(
        self, step: Mapping[str, Any], env: Mapping[str, str], scope: Scope, defaults: Mapping[str, str]
    ) -> tuple[str, dict[str, str]]:
        if "uses" in step:
            return self._act(step["uses"], _filled(step.get("with"), scope), env)
        assert step.get("shell", defaults.get("shell")) == "bash", f"{step}: without a shell, a pipe's failure is lost"
        if step["run"].strip() in LEFT_OUT:
            return "success", {}
        assert "${{" not in step["run"], f"{step}: what an expression brings is read as shell"
        return self._shell(step["run"], env, self.workspace / filled(step.get("working-directory", "."), scope))

    def _act(self, action: str, given: Mapping[str, str], env: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        if action.startswith("actions/checkout@"):
            return self._check_out(given), {}
        if action.startswith(_NOTHING_TO_DO):
            return "success", {}
        assert action.startswith("$/"), f"{action}: say here what it does"
        composite = _composite(action)
        declared = composite.get("inputs", {})
        assert given.keys() <= declared.keys(), f"{action} has no input {given.keys() - declared.keys()}"
        inputs = {name: given.get(name, str(one.get("default", ""))) for name, one in declared.items()}
        assert all(inputs[name] for name, one in declared.items() if one.get("required")), f"{action}: {inputs}"
        inner: dict[str, Any] = {"inputs": inputs, "steps": {}}
        failed = self._steps(composite["runs"]["steps"], env, inner, {})
        outputs = {} if failed else _filled(_values(composite.get("outputs", {})), Scope(inner))
        return ("failure" if failed else "success"), outputs

    def _check_out(self, given: Mapping[str, str]) -> str:
        assert given["persist-credentials"] == "false"
        ours = self.contexts["github"]["repository"]
        repository, folder = given.get("repository") or ours, self.workspace / given.get("path", ".")
        if repository == SETUP:
            _copy_project(folder)
            for name, text in self.github.files.items():
                (folder / name).write_text(text, encoding="utf-8")
            return "success"
        assert repository == ML
        if ours != ML and not given.get("token"):
            return "failure"  # private, as far as another repository's own token can see
        if given.get("token"):
            assert given["token"] == self.contexts["secrets"]["ML_REPOSITORY_TOKEN"]
        depth = [] if given.get("fetch-depth") == "0" else ["--depth", "1"]
        _git("clone", "--quiet", *depth, self.github.ml_origin.as_uri(), str(folder))
        if "ref" in given:
            _git("checkout", "--quiet", "--detach", given["ref"], cwd=folder)
        _git("remote", "set-url", "origin", f"https://github.com/{ML}.git", cwd=folder)
        return "success"

    def _shell(self, text: str, env: Mapping[str, str], folder: Path) -> tuple[str, dict[str, str]]:
        files = {name: self.temporary / name for name in ("ENV", "OUTPUT", "PATH", "STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        script = self.temporary / "step.sh"
        script.write_text(text, encoding="utf-8")
        outer = {name: value for name, value in self.github.deployment.environ.items() if name not in _CREDENTIALS}
        github = self.contexts["github"]
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=folder,
            env={
                **outer,
                **({"MLOPS_NOW": self.github.now} if self.github.now else {}),
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_API_URL": "https://api.github.com",
                "GITHUB_REPOSITORY": github["repository"],
                "GITHUB_RUN_ID": github["run_id"],
                "GITHUB_SERVER_URL": github["server_url"],
                "GITHUB_WORKSPACE": str(self.workspace),
                "RUNNER_TEMP": str(self.temporary),
                **{f"GITHUB_{name}": str(file) for name, file in files.items()},
                **self.environ,
                **env,
                "PATH": os.pathsep.join([*self.path, outer["PATH"]]),
            },
            capture_output=True,
            text=True,
            timeout=300,
        )
        written = {name: file.read_text(encoding="utf-8") for name, file in files.items()}
        # The runner takes the commands out of the log.
        self.said.append(f"$ {text}\n{_MASK.sub('', ESCAPES.sub('', done.stdout + done.stderr))}\n")
        self.summary.append(written["STEP_SUMMARY"])
        self.environ |= _assignments(written["ENV"])
        self.path = [*written["PATH"].split(), *self.path]
        return ("failure" if done.returncode else "success"), _assignments(written["OUTPUT"])


def make_ml_repository(folder: Path) -> Path:
    """A repository of the example project with both of its branches."""
    shutil.copytree(
        PROJECT / "examples" / "taxi_fare", folder, ignore=shutil.ignore_patterns("__pycache__", ".*_cache")
    )
    _git("init", "--quiet", "--initial-branch", "main", cwd=folder)
    _git("add", ".", cwd=folder)
    _git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Begin", cwd=folder)
    _git("branch", "release", cwd=folder)
    return folder


def _git(*arguments: str, cwd: Path | None = None) -> str:
    done = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _commit(repository: Path, branch: str) -> str:
    return _git("rev-parse", branch, cwd=repository).strip()


def _copy_project(folder: Path) -> None:
    """The files of this project, without its tests, which no job runs."""
    for name in _git("ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=PROJECT).split("\0"):
        source = PROJECT / name
        if name and "tests" not in Path(name).parts[:-1] and source.is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)


def _matrices(job: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    axes = job.get("strategy", {}).get("matrix", {})
    for values in itertools.product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def _no_inputs(content: Mapping[str, Any]) -> dict[str, None]:
    """The inputs of a workflow that was not dispatched: GitHub knows their names and no values."""
    dispatch = content["on"].get("workflow_dispatch") if isinstance(content["on"], dict) else None
    return dict.fromkeys((dispatch or {}).get("inputs", {}))


def _empty(job: Mapping[str, Any]) -> dict[str, str]:
    """The outputs of a job that has written none."""
    return dict.fromkeys(job.get("outputs", {}), "")


def _together(runs: list[Ran]) -> Ran:
    """The runs of a job's matrix as one."""
    result = next((one.result for one in runs if one.result != "success"), "success")
    return Ran(result, runs[-1].outputs, "".join(one.said for one in runs), "".join(one.summary for one in runs))


def _filled(mapping: Mapping[str, Any] | None, scope: Scope) -> dict[str, str]:
    return {name: filled(value, scope) for name, value in (mapping or {}).items()}


def _composite(action: str) -> dict[str, Any]:
    """One of our own actions as data."""
    content: dict[str, Any] = yaml.safe_load((PROJECT / action[2:] / "action.yml").read_text(encoding="utf-8"))
    return content


def _values(outputs: Mapping[str, Any]) -> dict[str, str]:
    return {name: one["value"] for name, one in outputs.items()}


def _assignments(written: str) -> dict[str, str]:
    """What a step wrote into GITHUB_ENV or GITHUB_OUTPUT: NAME=value, or NAME<<END with lines up to END."""
    found: dict[str, str] = {}
    lines = iter(written.splitlines())
    for line in lines:
        name, sign, value = line.partition("=") if "<<" not in line.partition("=")[0] else line.partition("<<")
        assert sign, f"{line!r} is no assignment"
        found[name] = "\n".join(itertools.takewhile(lambda one: one != value, lines)) if sign == "<<" else value  # noqa: B023
    return found
