"""What a SQL statement wants to do to which securables; nothing here looks at the state or at rights."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import Token, TokenType, exp

DIALECT = "databricks"
# What a query may read from: tables, and what is made of tables and of values that it names itself.
_FACTORS = (exp.Table, exp.Subquery, exp.Values, exp.Lateral, exp.Stream)
_GENERATORS = (exp.Subquery, exp.Explode, exp.Posexplode, exp.Inline)

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # its warnings quote the statement


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
        _refuse_computed_names(sqlglot.tokenize(sql, read=DIALECT))
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
        raise _unsupported(f"{tree.key.upper()} statements")

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
            sources=self._tables(tree, but=definition),
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

    def _tables(self, tree: exp.Expr, *, but: exp.Expr | None = None) -> tuple[str, ...]:
        """The tables that a statement reads, `but` the one that it makes; names that it defines itself are none."""
        return tuple(
            dict.fromkeys(self._name(table, parts=3) for table in _read(tree, frozenset()) if table is not but)
        )

    def _name(self, table: Any, *, parts: int) -> str:
        """The full name; of a schema when two parts are wanted."""
        written = [part.name.lower() for part in table.parts] if isinstance(table, exp.Table) else []
        written = [part for part in written if part]
        current = [self.catalog, self.schema] if parts == 3 else [self.catalog]
        completed = [*current[: max(parts - len(written), 0)], *written]
        if not written or len(completed) != parts or None in completed:
            raise UnreadableError(f"[MISSING_NAME] Name the object in {parts} parts: {'.'.join(written) or table}.")
        return ".".join(str(part).lower() for part in completed)


def _read(node: exp.Expr, defined: frozenset[str]) -> Iterator[exp.Table]:
    """The tables at and below a node; `defined` are the common table expressions in whose scope it lies."""
    match node:
        case exp.Table(this=exp.Identifier()):
            if node.db or node.name.lower() not in defined:
                yield node
        case exp.Table():
            raise _unsupported(f"{node.sql(dialect=DIALECT)} as a table")
        case exp.From(this=factor) | exp.Join(this=factor) if not isinstance(factor, _FACTORS):
            raise _unsupported(f"{factor.key.upper()} as a table")
        case exp.Lateral(this=generator) if not isinstance(generator, _GENERATORS):
            raise _unsupported(f"LATERAL {generator.key.upper()}")
    if isinstance(definitions := node.args.get("with_"), exp.With):
        for definition in definitions.expressions:
            name = {definition.alias.lower()}
            yield from _read(definition.this, defined | name if definitions.recursive else defined)
            defined |= name
    for child in node.iter_expressions():
        if child is not definitions:
            yield from _read(child, defined)


def _refuse_computed_names(written: Sequence[Token]) -> None:
    """IDENTIFIER('...') names by a value what the rights depend on; the parser takes it for a name in some places."""
    for word, following in pairwise(written):
        if (
            word.token_type is TokenType.VAR
            and word.text.upper() == "IDENTIFIER"
            and following.token_type is TokenType.L_PAREN
        ):
            raise _unsupported("IDENTIFIER()")


def _unsupported(what: str) -> UnsupportedError:
    return UnsupportedError(f"The sandbox does not know {what}: sandbox/databricks/world/sql/sql_reader.py.")


def _column(definition: exp.ColumnDef) -> Column:
    constraints = [constraint.kind for constraint in definition.args.get("constraints") or ()]
    comment = next((one.this.name for one in constraints if isinstance(one, exp.CommentColumnConstraint)), "")
    return Column(
        name=definition.name,
        type_text=definition.kind.sql(dialect=DIALECT).lower() if definition.kind else "string",
        nullable=not any(isinstance(one, exp.NotNullColumnConstraint) for one in constraints),
        comment=comment,
    )
