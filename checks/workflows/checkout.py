"""The workflows of a checkout, and the actions that lie in it."""

from pathlib import Path

from bundle.confinement import Confinement
from bundle.limits import YAML_BYTES, RefusedError
from checks.check import UncheckableError
from checks.workflows.running import jobs_of, mapping, steps_of
from checks.workflows.workflow import Workflow
from settings import Project
from settings.faults import FaultsError
from settings.reading import Source, read

_MOST_ACTIONS = 100


def workflows(project: Project) -> tuple[Workflow, ...]:
    """The workflows of the ML repository; UncheckableError when one cannot be read or there is no folder of them.

    They lie at the root of the repository. Where the project is a folder in a larger checkout, one of its own is meant.
    """
    roots = [project.folder, *([project.worktree] if project.worktree else [])]
    root = next((one for one in roots if (one / ".github/workflows").is_dir()), None)
    if root is None:
        raise UncheckableError(f"there are no workflows in {roots[-1]}/.github/workflows")
    folder = root / ".github/workflows"
    confinement = Confinement.within(str(roots[-1]))
    paths = sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])
    if not paths:
        raise UncheckableError(f"there are no workflows in {folder}")
    sources = [_read(path, f".github/workflows/{path.name}", confinement) for path in paths]
    called = {f"./{source.file}": source for source in sources}
    called |= _actions(sources, root, confinement)
    return tuple(Workflow(source, called) for source in sources)


def _actions(sources: list[Source], root: Path, confinement: Confinement) -> dict[str, Source]:
    """The actions of the repository that steps use, and that these use in turn, as far as they are there."""
    found: dict[str, Source] = {}
    looked_for: set[str] = set()
    waiting = [uses for source in sources for job in jobs_of(source).values() for uses in _local(job)]
    while waiting:
        uses = waiting.pop()
        if uses in looked_for or ".." in uses or len(looked_for) >= _MOST_ACTIONS:
            continue
        looked_for.add(uses)
        for name in ("action.yml", "action.yaml"):
            path = root / uses.removeprefix("./") / name
            if path.is_file():
                found[uses] = _read(path, f"{uses.removeprefix('./')}/{name}", confinement)
                waiting += _local(mapping(found[uses].data.get("runs")))
                break
    return found


def _local(holder: object) -> list[str]:
    uses = [step.get("uses") for _, step in steps_of(mapping(holder))]
    return [one.rstrip("/") for one in uses if isinstance(one, str) and one.startswith("./")]


def _read(path: Path, name: str, confinement: Confinement) -> Source:
    try:
        return read(confinement.read(str(path), YAML_BYTES).decode("utf-8"), file=name)
    except RefusedError as error:
        raise UncheckableError(f"{error}; {error.remedy}") from None
    except UnicodeDecodeError:
        raise UncheckableError(f"{name} cannot be read: it is not UTF-8") from None
    except OSError as error:
        raise UncheckableError(f"{name} cannot be read: {error.strerror}") from None
    except FaultsError as faults:
        first = faults.faults[0]
        raise UncheckableError(f"{first.file}:{first.line}:{first.column} cannot be read: {first.found}") from None
