"""Stages 4 and 6: what targets there are, which one is meant, and its overrides on the rest."""

from bundle.diagnostics import Severity, StopError, place_text
from bundle.draft import Draft
from bundle.merge import check_mergeable, merge
from bundle.value import Path, Value

_MERGED = ("bundle", "workspace", "artifacts", "resources", "sync", "permissions", "presets")


def prepare_targets(draft: Draft) -> None:
    """Old names get their new form, null variables become empty ones, and there is at least the target `default`."""
    draft.settle()
    entries = draft.root.entries()
    if "environments" in entries:
        environments = entries.pop("environments")
        if "targets" in entries:
            entries["environments"] = environments
            place = environments.places[0]
            raise StopError(
                f"both 'environments' and 'targets' are specified; only 'targets' should be used: {place_text(place)}",
                origin=place,
            )
        entries["targets"] = environments
    _rename_compute_id(draft, draft.root.get("bundle"), ("bundle", "compute_id"))
    for target in draft.root.entries("targets").values():
        _rename_compute_id(draft, target, ("compute_id",))
    for variable in draft.root.entries("variables").values():
        if variable.data is None:
            variable.data = {}
    if not draft.root.entries("targets"):
        draft.root.put(("targets",), {"default": {}})


def _rename_compute_id(draft: Draft, holder: Value | None, path: Path) -> None:
    if holder is None or "compute_id" not in holder.entries():
        return
    value = holder.data.pop("compute_id")
    draft.report.add(
        Severity.WARNING,
        "compute_id is deprecated, please use cluster_id instead",
        paths=[path],
        places=value.places,
    )
    holder.data["cluster_id"] = value


def select_target(draft: Draft) -> None:
    """Merges the wanted, the only or the default target into the configuration and drops the others."""
    targets = draft.root.entries("targets")
    name = draft.wanted_target or _default(draft, targets)
    if name not in targets:
        raise StopError(
            f"{name}: no such target. Available targets: {', '.join(sorted(targets))}",
            origin=next(iter(draft.places("targets")), None),
        )
    target = targets[name]
    draft.explicit_root_path = bool(target.text("workspace", "root_path"))
    try:
        _override(draft, target, name)
    except StopError as error:
        raise StopError(f"failed to perform target override for target={name}: {error}", origin=error.origin) from None
    draft.target = name
    del draft.root.data["targets"]
    draft.root.put(("bundle", "target"), name)
    draft.root.put(("bundle", "environment"), name)
    draft.settle()


def _default(draft: Draft, targets: dict[str, Value]) -> str:
    if len(targets) == 1:
        return next(iter(targets))
    defaults = [name for name, target in targets.items() if (flag := target.get("default")) and flag.data is True]
    if len(defaults) > 1:
        raise StopError(
            f"multiple targets are marked as default ({', '.join(defaults)})",
            origin=next(iter(draft.places(f"targets.{defaults[1]}.default")), None),
        )
    if not defaults:
        raise StopError("please specify target", origin=next(iter(draft.places("targets")), None))
    return defaults[0]


def _override(draft: Draft, target: Value, name: str) -> None:
    root = draft.root
    declared = root.entries("variables")
    for variable, given in target.entries("variables").items():
        if variable not in declared:
            raise StopError(
                f"variable {variable} is not defined but is assigned a value",
                origin=(given.key_places or given.places)[0],
            )
    for section in _MERGED:
        _check_section(root, target, section, name)
    for section in _MERGED:
        if (override := target.get(section)) is not None:
            held = root.get(section)
            root.data[section] = merge(held, override) if held is not None else override
    for variable, given in target.entries("variables").items():
        for part in ("default", "lookup"):
            if part in given.entries():
                declared[variable].put((part,), given.data[part])
    if "run_as" in target.entries():
        root.data["run_as"] = target.data["run_as"]
    bundle = root.get("bundle")
    if bundle is None or bundle.data is None:
        bundle = root.put(("bundle",), {})
    for part in ("mode", "cluster_id"):
        if part in target.entries():
            bundle.put((part,), target.data[part])
    git = target.get("git")
    if git is not None:
        held = bundle.get("git")
        bundle.put(("git",), merge(held, git) if held is not None else git)


def _check_section(root: Value, target: Value, section: str, name: str) -> None:
    held, override = root.get(section), target.get(section)
    if held is None or override is None:
        return
    try:
        check_mergeable(held, override)
    except StopError as error:
        raise StopError(f"failed to merge target={name} field={section}: {error}", origin=error.origin) from None
