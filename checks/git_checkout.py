"""Other branches of the ML project's checkout, beside the one that is checked out."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bundle.facts import worktree_of
from checks.check import UncheckableError

_REMOTE = "origin"
# What a hook or a calling Git may have set, and what would lead to another repository.
_MISLEADING = re.compile(r"GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|PREFIX|NAMESPACE)")


@dataclass(frozen=True, slots=True)
class Checkout:
    """A Git checkout: its root, and where in it a folder lies."""

    root: Path
    inside: str

    @classmethod
    def around(cls, folder: Path, environ: Mapping[str, str]) -> "Checkout | None":
        """The checkout that a folder lies in, or None when there is none that Git can read.

        UncheckableError when there is one that Git refuses to read.
        """
        done = _git(folder, environ, "rev-parse", "--show-toplevel", "--show-prefix")
        if done is None:
            return None
        if done.returncode:
            if "not a git repository" in done.stderr:
                return None
            raise UncheckableError(f"Git does not read {folder}: {_words(done.stderr)}")
        root, prefix = f"{done.stdout}\n".splitlines()[:2]
        # A broken .git is passed over by Git, which then finds the repository around it.
        if Path(root).resolve() != Path(worktree_of(str(folder.resolve()))):
            return None
        return cls(Path(root), prefix.rstrip("/"))

    def commit(self, branch: str, environ: Mapping[str, str]) -> str | None:
        """The commit of a branch that is here, or that was fetched from the remote; None when there is none."""
        return self._resolved(f"refs/heads/{branch}", environ) or self._resolved(
            f"refs/remotes/{_REMOTE}/{branch}", environ
        )

    def tip(self, branch: str, environ: Mapping[str, str]) -> str | None:
        """The newest commit of a branch as the remote has it, or as it is here where no remote has it; None without."""
        return self._resolved(f"refs/remotes/{_REMOTE}/{branch}", environ) or self._resolved(
            f"refs/heads/{branch}", environ
        )

    def head(self, environ: Mapping[str, str]) -> str | None:
        """The commit that is checked out; None where there is none yet."""
        return self._resolved("HEAD", environ)

    def known(self, commit: str, environ: Mapping[str, str]) -> bool:
        """Whether a commit, by its full name, is here."""
        return self._resolved(commit, environ) == commit

    def lies_on(self, commit: str, tip: str, environ: Mapping[str, str]) -> bool:
        """Whether a commit is another one, or one of those before it."""
        done = _git(self.root, environ, "merge-base", "--is-ancestor", commit, tip)
        return done is not None and not done.returncode

    def content_was_on(self, commit: str, tip: str, environ: Mapping[str, str]) -> bool:
        """Whether some commit, or one of those before it, has the same files: merged, squashed or replayed."""
        tree = _git(self.root, environ, "rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}")
        trees = _git(self.root, environ, "log", "--format=%T", tip, "--")
        if tree is None or trees is None or tree.returncode or trees.returncode:
            return False
        return tree.stdout.strip() in trees.stdout.split()

    def whole(self, environ: Mapping[str, str]) -> bool:
        """Whether all history is here."""
        done = _git(self.root, environ, "rev-parse", "--is-shallow-repository")
        return done is not None and done.stdout.strip() == "false"

    def check_out(self, commit: str, environ: Mapping[str, str]) -> None:
        """Put the files of a commit into the folder, on no branch; UncheckableError with Git's words."""
        done = _git(self.root, environ, "checkout", "--quiet", "--detach", commit, "--")
        if done is None or done.returncode:
            raise UncheckableError(f"Git does not check {commit[:8]} out: {_words(done.stderr if done else '')}")

    def _resolved(self, revision: str, environ: Mapping[str, str]) -> str | None:
        done = _git(
            self.root, environ, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
        return done.stdout.strip() if done is not None and not done.returncode else None

    @contextmanager
    def checked_out(self, commit: str, environ: Mapping[str, str]) -> Iterator[Path]:
        """The folder as it is in a commit, in a private folder that is gone afterwards.

        Neither the user's files nor their branch are touched; no hook runs.
        """
        with tempfile.TemporaryDirectory(prefix="branch-") as temporary:
            tree = Path(temporary) / "tree"
            made = _git(self.root, environ, "worktree", "add", "--detach", "--quiet", str(tree), commit)
            try:
                if made is None or made.returncode:
                    raise UncheckableError(
                        f"Git does not check {commit[:8]} out: {_words(made.stderr if made else '')}"
                    )
                yield tree / self.inside
            finally:
                _git(self.root, environ, "worktree", "remove", "--force", str(tree))


def _git(folder: Path, environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str] | None:
    """One Git command; None where there is no Git."""
    kept = {name: value for name, value in environ.items() if not _MISLEADING.fullmatch(name)}
    try:
        return subprocess.run(
            ["git", "-c", f"core.hooksPath={os.devnull}", *arguments],  # noqa: S607 - the user's own Git
            cwd=folder,
            env={**kept, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None


def _words(said: str) -> str:
    return " ".join(said.split()).removeprefix("fatal: ").rstrip(".") or "no reason given"
