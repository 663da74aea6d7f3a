"""python -m tests.vector_capture 0.280.0=CLI 1.13.0=CLI [THEME...]: asks the Databricks CLI about every case.

CLI is the path of that release's `databricks`. The answers replace those of packages/bundle/tests/bundle_vectors, and
what is answered here is written beside them for the cases that say why it differs. Cases that differ without saying why
are printed.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from packages.bundle.tests.bundle_vectors import vectors, workspace
from packages.bundle.tests.bundle_vectors.vectors import FOLLOWED, HERE, LATER, Answer, Case
from tests.bundle_conversion import converted

# Messages of one stage come in any order, and sometimes only the first comes: what is not the same twice is no vector.
TIMES = 2
TERRAFORM = """\
#!/bin/sh
test "$1" = version || exit 1
echo '{"terraform_version": "1.5.5", "platform": "linux_amd64", "provider_selections": {}}'
"""


def main(arguments: Sequence[str]) -> int:
    """Runs the command; returns its exit code."""
    binaries = dict(word.split("=", 1) for word in arguments if "=" in word)
    if {*binaries} != {FOLLOWED, LATER}:
        sys.exit(__doc__)
    wrong = False
    with workspace.serving() as served, ThreadPoolExecutor(4) as pool:
        for theme in [word for word in arguments if "=" not in word] or vectors.themes():
            told = dict(pool.map(lambda case: (case.name, _told(case, binaries, served)), vectors.cases(theme)))
            (vectors.FOLDER / "expected" / f"{theme}.json").write_text(vectors.rendered(told), encoding="utf-8")
            for case in vectors.cases(theme):
                if bool(case.differs) != (HERE in told[case.name]):
                    wrong = True
            print(f"{theme}: {len(told)} cases, {sum(LATER in each for each in told.values())} differ in {LATER}")
    return int(wrong)


def _told(case: Case, binaries: dict[str, str], served: workspace.Workspace) -> dict[str, Answer]:
    answers = {}
    for release, binary in binaries.items():
        found = [_asked(case, binary, served) for _ in range(TIMES)]
        if found.count(found[0]) != TIMES:
            print(f"{case.theme}: {case.name}: {release} answers differently each time: {found}")
        answers[release] = found[0]
    with tempfile.TemporaryDirectory() as folder:
        here = vectors.answered_here(case, Path(folder).resolve() / "bundle")
        if case.deploy and (resources := converted(case, Path(folder).resolve() / "deployed")) is not None:
            here[vectors.TERRAFORM] = resources
    told = {FOLLOWED: answers[FOLLOWED]}
    for source, answer in ((LATER, answers[LATER]), (HERE, here)):
        if changes := vectors.difference(answers[FOLLOWED], answer):
            told[source] = changes
    if HERE in told and not case.differs:
        print(f"{case.theme}: {case.name}\n{vectors.unified(answers[FOLLOWED], here)}")
        del told[HERE]
    elif case.differs and HERE not in told:
        print(f"{case.theme}: {case.name} does not differ")
    return told


def _asked(case: Case, binary: str, served: workspace.Workspace) -> Answer:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name).resolve()
        directory = case.write(home / "work" / "bundle", served.url)
        terraform = home / "terraform"
        terraform.write_text(TERRAFORM, encoding="utf-8")
        terraform.chmod(0o700)
        token = home.name
        served.identities[token] = case.identity
        environ = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "DATABRICKS_HOST": served.url,
            "DATABRICKS_TOKEN": token,
            "DATABRICKS_CLI_DISABLE_TELEMETRY": "1",
            "DATABRICKS_TF_EXEC_PATH": str(terraform),
            "DATABRICKS_TF_VERSION": "1.5.5",
            "DATABRICKS_BUNDLE_ENGINE": "terraform",
            **case.env,
        }
        options = [*(["-t", case.target] if case.target else []), *(f"--var={text}" for text in case.var)]

        def run(*words: str) -> subprocess.CompletedProcess[str]:
            command = [binary, "bundle", *words, *options]
            return subprocess.run(command, cwd=directory, env=environ, capture_output=True, text=True, timeout=60)

        validated = run("validate", "-o", "json")
        answer = vectors.answer_of(validated.returncode, validated.stdout, validated.stderr, directory, served.url)
        if case.deploy and validated.returncode == 0:
            deployed = run("deploy")
            written = list(directory.glob(".databricks/bundle/*/terraform/bundle.tf.json"))
            if not written:
                raise ValueError(f"{case.name}: {deployed.stderr}")
            answer[vectors.TERRAFORM] = json.loads(written[0].read_text(encoding="utf-8")).get("resource", {})
            folder = answer["output.workspace"]["file_path"] + "/"
            kept = served.objects[token].items()
            answer["files"] = sorted(
                path.removeprefix(folder)
                for path, content in kept
                if content is not None and path.startswith(folder) and "/.databricks/" not in path
            )
        return answer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
