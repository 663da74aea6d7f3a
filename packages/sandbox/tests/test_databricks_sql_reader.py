"""What a statement reads: every table that it names, wherever, and nothing that it defines itself."""

import logging

import pytest

from sandbox.databricks.world.sql.sql_reader import UnsupportedError, read


def sources(sql: str) -> set[str]:
    return set(read(sql, catalog="c", schema="s").sources)


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("WITH x AS (SELECT * FROM t) SELECT * FROM x", {"c.s.t"}),
        ("WITH t AS (SELECT * FROM t) SELECT * FROM t", {"c.s.t"}),
        ("WITH T AS (SELECT 1) SELECT * FROM t", set()),
        ("WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b", set()),
        ("WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a", {"c.s.b"}),
        ("WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT * FROM r) SELECT * FROM r", set()),
        ("WITH t AS (SELECT 1) SELECT * FROM s.t", {"c.s.t"}),
        ("WITH t AS (SELECT 1) (SELECT * FROM t) UNION SELECT * FROM t", set()),
        ("SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t) JOIN t", {"c.s.t"}),
        ("SELECT (WITH t AS (SELECT 1) SELECT * FROM t), x FROM t", {"c.s.t"}),
        ("WITH t AS (SELECT 1) SELECT * FROM o WHERE EXISTS (SELECT 1 FROM t)", {"c.s.o"}),
        ("SELECT * FROM o, LATERAL (SELECT * FROM t WHERE t.x = o.x)", {"c.s.o", "c.s.t"}),
        ("SELECT * FROM o LATERAL VIEW explode(x) y", {"c.s.o"}),
        ("SELECT * FROM STREAM(o)", {"c.s.o"}),
        ("SELECT * FROM o VERSION AS OF 3", {"c.s.o"}),
        ("SELECT * FROM o PIVOT (sum(x) FOR y IN (1))", {"c.s.o"}),
        ("SELECT * FROM VALUES (1), (2)", set()),
        ("INSERT INTO n WITH t AS (SELECT * FROM o) SELECT * FROM t", {"c.s.o"}),
        ("WITH t AS (SELECT * FROM o) INSERT INTO n SELECT * FROM t", {"c.s.o"}),
        ("MERGE INTO n USING (WITH t AS (SELECT * FROM o) SELECT * FROM t) ON true WHEN MATCHED THEN DELETE",
         {"c.s.o"}),
        ("CREATE VIEW v AS WITH t AS (SELECT * FROM t) SELECT * FROM t", {"c.s.t"}),
        ("CREATE TABLE n CLONE o", {"c.s.o"}),
        ("CREATE OR REPLACE TABLE n SHALLOW CLONE a.b.o", {"a.b.o"}),
        ("CREATE TABLE n LIKE a.b.o", {"a.b.o"}),
        ("CREATE TABLE IF NOT EXISTS n LIKE o USING DELTA", {"c.s.o"}),
    ],
)  # fmt: skip
def test_what_a_statement_reads(sql: str, tables: set[str]) -> None:
    assert sources(sql) == tables


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM IDENTIFIER('c.s.t')",
        "SELECT * FROM identifier('c.s.' || 't')",
        "INSERT INTO IDENTIFIER('c.s.t') VALUES (1)",
        "CREATE TABLE IDENTIFIER('c.s.t') (x INT)",
        "CREATE SCHEMA IDENTIFIER('x')",
        "DROP TABLE IDENTIFIER ('c.s.t')",
        "TRUNCATE TABLE IDENTIFIER('c.s.t')",
        "SELECT * FROM table_changes('c.s.t', 1)",
        "SELECT * FROM o JOIN read_files('/x') ON true",
        "SELECT * FROM o, LATERAL read_files(o.x)",
        "SELECT * FROM TABLE(c.s.f(1))",
        "SELECT * FROM c.s.f(1)",
        "SELECT * FROM c.s.t.x",
        "INSERT INTO n SELECT * FROM read_files('/x')",
        "MERGE INTO n USING table_changes('c.s.t', 1) ON true WHEN MATCHED THEN DELETE",
        "CREATE VIEW v AS SELECT * FROM read_files('/x')",
        "CREATE OR REPLACE TABLE n DEEP CLONE o VERSION AS OF 3",
    ],
)
def test_what_cannot_be_followed_is_unsupported(sql: str) -> None:
    with pytest.raises(UnsupportedError, match="sql_reader"):
        sources(sql)


def test_no_statement_gets_into_the_servers_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(UnsupportedError):
        sources("SHOW hush")
    assert caplog.text == ""
