import tests.test_drift_acts as T
from tests.test_drift_acts import life  # noqa
from sandbox.tampering.vocabulary import ACTS
MINE = ("databricks_alert_v2", "databricks_app", "databricks_dashboard", "databricks_database_database_catalog", "databricks_database_instance", "databricks_database_synced_database_table")
def test_mine(life):
    life.settle()
    acts = [a for a in ACTS.values() if set(a.about) & set(MINE) and a.name != "app-deleted"]
    measured = {}
    for choices in T.rounds(life, acts):
        told = life.lives_through(choices)
        try:
            measured |= {c.act.name: T.of(c, told[c.one.stack]) for c in choices}
        except Exception as e: print("OF", e)
        for c in choices: print(c.act.name, measured.get(c.act.name))
        try: T.assert_clean(life.drift(sorted(told)), choices)
        except AssertionError as e: print("LEFT", e)
    print(measured)
