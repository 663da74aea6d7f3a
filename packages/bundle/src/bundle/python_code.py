"""Bundles that define resources in Python. Their code is not run."""

from bundle.draft import Draft


def mention_python(draft: Draft) -> None:
    """Keeps the settings where the CLI keeps them, and says what is missing."""
    for section in (("python",), ("experimental", "python")):
        settings = draft.root.get(*section)
        if settings is None or not (settings.items("resources") or settings.items("mutators")):
            continue
        path = ".".join(section)
        if section == ("python",):
            copied = settings.copy()
            copied.key_places = ()
            draft.root.put(("experimental", "python"), copied)
        draft.warn(
            "resources and mutators in Python are not run",
            detail="What this Python code adds or changes is missing from the result.",
            at=path,
            paths=(section,),
        )
        return


def mention_scripts(draft: Draft) -> None:
    """Scripts that the CLI would run before or after reading."""
    for hook in ("preinit", "postinit"):
        path = ("experimental", "scripts", hook)
        if draft.root.text(*path):
            draft.warn(f"the {hook} script is not run", at=".".join(path), paths=(path,))
