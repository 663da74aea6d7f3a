"""What a SQL statement wants to do to which securables; nothing here looks at the state or at rights."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import sqlglot
from sqlglot import exp

DIALECT = "databricks"


class Action(Enum):
    """What a statement does to its target."""

    READ = auto()
    WRITE = auto()
    CREATE_TABLE = auto()
    CREATE_VIEW = auto()
    CREATE_SCHEMA = auto()
    DROP_TABLE = auto()
    DROP_SCHEMA = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a statement declares it."""

    name: str
    type_text: str
    nullable: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, read: what it does to `target`, and which tables it reads to do so."""

    action: Action
    target: str = ""
    sources: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    or_replace: bool = False
    tolerant: bool = False  # IF EXISTS or IF NOT EXISTS
    cascade: bool = False


class UnreadableError(Exception):
    """The statement is no SQL, or names something incompletely; the text is what SQL would say."""


class UnsupportedError(Exception):
    """The statement is SQL that the sandbox does not know."""


def read(sql: str, *, catalog: str | None = None, schema: str | None = None) -> Statement:
    """The one statement of a text; names are completed from the current catalog and schema."""
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect=DIALECT) if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        raise UnreadableError(f"[PARSE_SYNTAX_ERROR] {str(error).splitlines()[0]}") from None
    if len(trees) != 1:
        raise UnreadableError("[PARSE_SYNTAX_ERROR] Exactly one statement is expected.")
    return _Reader(catalog, schema).statement(trees[0])


@dataclass(frozen=True, slots=True)
class _Reader:
    catalog: str | None
    schema: str | None

    def statement(self, tree: exp.Expr) -> Statement:
        match tree:
            case exp.Create(kind="TABLE" | "VIEW" | "SCHEMA" | "DATABASE"):
                return self._create(tree)
            case exp.Drop(kind="TABLE" | "VIEW" | "SCHEMA" | "DATABASE"):
                return self._drop(tree)
            case exp.Insert() | exp.Update() | exp.Delete() | exp.Merge():
                return self._write(tree)
            case exp.TruncateTable():
                return Statement(Action.WRITE, target=self._name(tree.expressions[0], parts=3))
            case exp.Query():
                return Statement(Action.READ, sources=self._tables(tree))
        raise UnsupportedError(
            f"The sandbox does not know {tree.key.upper()} statements: sandbox/databricks/sql_reader.py."
        )

    def _create(self, tree: exp.Create) -> Statement:
        tolerant, or_replace = bool(tree.args.get("exists")), bool(tree.args.get("replace"))
        if tree.kind in ("SCHEMA", "DATABASE"):
            return Statement(Action.CREATE_SCHEMA, target=self._name(tree.this, parts=2), tolerant=tolerant)
        definition = tree.this
        columns: tuple[Column, ...] = ()
        if isinstance(definition, exp.Schema):
            columns = tuple(_column(one) for one in definition.expressions if isinstance(one, exp.ColumnDef))
            definition = definition.this
        return Statement(
            Action.CREATE_VIEW if tree.kind == "VIEW" else Action.CREATE_TABLE,
            target=self._name(definition, parts=3),
            sources=self._tables(tree.expression) if isinstance(tree.expression, exp.Expr) else (),
            columns=columns,
            or_replace=or_replace,
            tolerant=tolerant,
        )

    def _drop(self, tree: exp.Drop) -> Statement:
        of_schema = tree.kind in ("SCHEMA", "DATABASE")
        dropped, *others = tree.args["tables"]
        if others:
            raise UnreadableError("[PARSE_SYNTAX_ERROR] One object is dropped at a time.")
        return Statement(
            Action.DROP_SCHEMA if of_schema else Action.DROP_TABLE,
            target=self._name(dropped, parts=2 if of_schema else 3),
            tolerant=bool(tree.args.get("exists")),
            cascade=bool(tree.args.get("cascade")),
        )

    def _write(self, tree: exp.Expr) -> Statement:
        written = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        target = self._name(written, parts=3)
        return Statement(Action.WRITE, target=target, sources=tuple(n for n in self._tables(tree) if n != target))

    def _tables(self, tree: exp.Expr) -> tuple[str, ...]:
        """The tables that a query reads; names that it defines itself are none."""
        defined = {table.alias_or_name for table in tree.find_all(exp.CTE)}
        found = (table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier))
        read = [table for table in found if table.db or table.name not in defined]
        return tuple(dict.fromkeys(self._name(table, parts=3) for table in read))

    def _name(self, table: Any, *, parts: int) -> str:
        """The full name; of a schema when two parts are wanted."""
        written = [part.name.lower() for part in table.parts] if isinstance(table, exp.Table) else []
        written = [part for part in written if part]
        current = [self.catalog, self.schema] if parts == 3 else [self.catalog]
        completed = [*current[: max(parts - len(written), 0)], *written]
        if not written or len(completed) != parts or None in completed:
            raise UnreadableError(f"[MISSING_NAME] Name the object in {parts} parts: {'.'.join(written) or table}.")
        return ".".join(str(part).lower() for part in completed)


def _column(definition: exp.ColumnDef) -> Column:
    constraints = [constraint.kind for constraint in definition.args.get("constraints") or ()]
    comment = next((one.this.name for one in constraints if isinstance(one, exp.CommentColumnConstraint)), "")
    return Column(
        name=definition.name,
        type_text=definition.kind.sql(dialect=DIALECT).lower() if definition.kind else "string",
        nullable=not any(isinstance(one, exp.NotNullColumnConstraint) for one in constraints),
        comment=comment,
    )
