"""The committed diagram is that of the example."""

import json
from pathlib import Path

import cdktf

from diagram import document
from settings import load
from stacks.environment import EnvironmentStack
from stacks.repository import RepositoryStack

ROOT = Path(__file__).parent.parent


def test_the_committed_diagram_is_drawn_from_what_is_synthesized(tmp_path: Path) -> None:
    settings = load(folder=ROOT, environ={})
    app = cdktf.App(outdir=str(tmp_path))
    RepositoryStack(app, "repository", settings=settings)
    for environment in settings.environments:
        EnvironmentStack(app, environment.name, settings=settings, environment=environment, now=settings.invocation.now)
    app.synth()
    paths = sorted(tmp_path.glob("stacks/*/cdk.tf.json"))
    synthesized = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    assert (ROOT / "docs" / "diagram.md").read_text(encoding="utf-8") == document(synthesized)
