"""The committed diagram is that of the example."""

import json
from pathlib import Path

import cdktf

from diagram import document
from settings import load
from stacks.environment import EnvironmentStack
from stacks.repository import RepositoryStack

ROOT = Path(__file__).parent.parent


def test_the_committed_diagram_is_drawn_from_what_is_synthesized() -> None:
    settings = load(folder=ROOT, environ={})
    app = cdktf.Testing.app()
    stacks: dict[str, cdktf.TerraformStack] = {"repository": RepositoryStack(app, "repository", settings=settings)}
    for environment in settings.environments:
        stacks[environment.name] = EnvironmentStack(
            app, environment.name, settings=settings, environment=environment, now=settings.invocation.now
        )
    synthesized = {name: json.loads(cdktf.Testing.synth(stacks[name])) for name in sorted(stacks)}
    assert (ROOT / "docs" / "diagram.md").read_text(encoding="utf-8") == document(synthesized)
