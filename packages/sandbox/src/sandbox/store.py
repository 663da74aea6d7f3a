"""What the sandbox remembers: documents by kind and key, in SQLite."""

import json
import sqlite3
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Document = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sequences (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (
    n INTEGER PRIMARY KEY, at TEXT NOT NULL, method TEXT NOT NULL, host TEXT NOT NULL, path TEXT NOT NULL,
    status INTEGER NOT NULL, principal TEXT NOT NULL, milliseconds REAL NOT NULL, changed INTEGER NOT NULL,
    stack TEXT NOT NULL, note TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
"""
# How a transaction begins, is taken back and ends. Savepoints nest, whatever their names.
_WHOLE = ("BEGIN IMMEDIATE", ("ROLLBACK",), "COMMIT")
_PART = ("SAVEPOINT part", ("ROLLBACK TO part", "RELEASE part"), "RELEASE part")
FORMAT = 4  # raise it when a kind of document or a table changes: older files are refused then


class Store:
    """Documents that survive the death of the process: what a request changed is committed before it is answered.

    A kind reads `service.noun` ("databricks.service_principal"); keys are unique within a kind. Documents are JSON
    objects; what `get` and `all` return is a copy. Not for use by several threads at once.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._concluded: dict[Hashable, Any] = {}
        # WAL without fsync per commit: what was committed survives a killed process, which is what is promised.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if self.format == 0:
            self._connection.executescript(f"{_SCHEMA} PRAGMA user_version = {FORMAT};")

    @property
    def format(self) -> int:
        """The format that the file was made in."""
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: an exception takes back every change made inside. Within another, it is a part of that."""
        begin, undo, keep = _PART if self._connection.in_transaction else _WHOLE
        self._connection.execute(begin)
        try:
            yield
        except BaseException:
            for statement in undo:
                self._connection.execute(statement)
            raise
        else:
            self._connection.execute(keep)
        finally:
            self._concluded.clear()

    def conclude(self, question: Hashable, answer: Callable[[], T]) -> T:
        """What follows from the documents, found out once as long as the transaction has written nothing since.

        The answer must be immutable. Who is in which group is asked a dozen times a request.
        """
        if not self._connection.in_transaction:
            return answer()
        if question not in self._concluded:
            self._concluded[question] = answer()
        found: T = self._concluded[question]
        return found

    def get(self, kind: str, key: str) -> Document | None:
        """The document, or None."""
        row = self._connection.execute("SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Write the document, replacing what was there."""
        self._concluded.clear()
        self._connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key, json.dumps(body, sort_keys=True)),
        )

    def delete(self, kind: str, key: str) -> bool:
        """Remove the document; false when there was none."""
        self._concluded.clear()
        done = self._connection.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))
        return done.rowcount > 0

    def all(self, kind: str, *, prefix: str = "") -> list[tuple[str, Document]]:
        """Every (key, document) of a kind in the order of the keys; with `prefix`, of the keys that begin so."""
        rows = self._connection.execute(
            "SELECT key, body FROM documents WHERE kind = ? AND substr(key, 1, ?) = ? ORDER BY key",
            (kind, len(prefix), prefix),
        )
        return [(key, json.loads(body)) for key, body in rows]

    def next(self, sequence: str, *, first: int = 1) -> int:
        """The next number of a sequence; numbers are never given twice, not even after a deletion."""
        row = self._connection.execute(
            "INSERT INTO sequences VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last",
            (sequence, first),
        ).fetchone()
        return int(row[0])

    @property
    def changes(self) -> int:
        """How many rows were written so far: what differs after a call tells that the call wrote."""
        return self._connection.total_changes

    def fact(self, name: str) -> Any:
        """What was noted about the state itself, or None; facts are in no dump."""
        row = self._connection.execute("SELECT body FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def note(self, name: str, value: Any) -> None:
        """Note something about the state itself: which world it belongs to, whose credentials the seed made."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))

    def dump(self) -> dict[str, dict[str, Document]]:
        """Everything that exists, as {kind: {key: document}}; sequences and the audit log are history, not state."""
        kinds: dict[str, dict[str, Document]] = {}
        for kind, key, body in self._connection.execute("SELECT kind, key, body FROM documents ORDER BY kind, key"):
            kinds.setdefault(kind, {})[key] = json.loads(body)
        return kinds

    def save(self, path: Path) -> None:
        """Copy everything into another file, facts and audit log included."""
        with closing(sqlite3.connect(path)) as copy:
            self._connection.backup(copy)

    def restore(self, path: Path) -> None:
        """Become what `save` had copied, at once and in full."""
        with closing(sqlite3.connect(path)) as copy:
            copy.backup(self._connection)

    def record(self, entry: Mapping[str, Any]) -> None:
        """Append one request to the audit log (see audit.Entry)."""
        self._connection.execute(
            "INSERT INTO audit (at, method, host, path, status, principal, milliseconds, changed, stack, note) "
            "VALUES (:at, :method, :host, :path, :status, :principal, :milliseconds, :changed, :stack, :note)",
            dict(entry),
        )

    def audit(self, *, after: int = 0) -> list[dict[str, Any]]:
        """The audit log from entry `after` + 1 on, oldest first."""
        cursor = self._connection.execute("SELECT * FROM audit WHERE n > ? ORDER BY n", (after,))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
