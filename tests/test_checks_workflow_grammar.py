"""Workflows are read as GitHub reads them, and what only a run knows is not taken for well."""

# Tables of workflows are easier to look through when they are wide.
# ruff: noqa: E501

from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from checks.check import Finding, Outcome, UncheckableError
from checks.live import Live
from checks.preflight.ml_project import ml_project_checks
from checks.preflight.repository import _required
from checks.workflows import Workflow
from checks.workflows.patterns import matches
from settings.reading import Source, read

STAGING, PROD = (
    SimpleNamespace(name=name, branch=branch, secret=f"{name.upper()}_WORKSPACE_TOKEN")
    for name, branch in (("staging", "main"), ("prod", "release"))
)
Files = dict[str, str]


def project(files: Files, required: tuple[str, ...] = ()) -> Live:
    """What preflight knows of a project with these workflows and actions, by their names."""
    sources: dict[str, Source] = {}
    for name, text in files.items():
        file = name if "/" in name else f".github/workflows/{name}.yml"
        sources[f"./{file.removesuffix('/action.yml')}"] = read(text, file=file)
    found = tuple(Workflow(source, sources) for name, source in sources.items() if ".github/workflows" in name)
    settings = SimpleNamespace(
        environments=[STAGING, PROD],
        bundles=[SimpleNamespace(target=one.name, environment=one) for one in (STAGING, PROD)],
        ml_project=SimpleNamespace(targets=("staging", "prod")),
        github=SimpleNamespace(
            other_secrets=(),
            actions=SimpleNamespace(sha_pinned=False),
            required_checks=required,
            secret_scope="environment",
        ),
    )
    return cast(Live, SimpleNamespace(settings=settings, once=lambda _name, _read: found))


def outcome(files: Files, line: str) -> str:
    """`ok`, `FOUND` or `?`, and the text."""
    check = next(one for one in ml_project_checks(project(files)) if one.id == f"project.{line}")
    return told(check.run)


def told(run: Any) -> str:
    try:
        found: Outcome = run()
    except UncheckableError as reason:
        return f"? {reason}"
    return f"FOUND {found.found}" if isinstance(found, Finding) else f"ok {found}"


def cd(job: str, on: str = "{push: {branches: [main]}}", more: str = "") -> Files:
    return {"cd": f"on: {on}\n{more}\njobs:\n  one: {job}\n"}


def script(run: str, **keys: str) -> Files:
    lines = "\n".join(f"          {line}" for line in run.splitlines())
    job = "".join(f"\n    {key}: {value}" for key, value in keys.items())
    return cd(f"{job}\n    runs-on: x\n    steps:\n      - run: |\n{lines}")


BOTH = "{push: {branches: [main, release]}}"


@pytest.mark.parametrize(
    ("condition", "target", "expected"),
    [
        ("github.ref == 'refs/heads/main'", "staging", "ok"),
        ("github.ref == 'refs/heads/release'", "prod", "ok"),
        ("github.ref_name == 'main'", "staging", "ok"),
        ("${{ github['ref'] == 'refs/heads/main' }}", "staging", "ok"),
        ("GitHub.Ref_Name == 'MAIN' && github.event_name == 'push'", "staging", "ok"),
        ("endsWith(github.ref, '/release') && always()", "prod", "ok"),
        ("github.ref != 'refs/heads/main'", "prod", "ok"),
        ("contains(fromJSON('[\"refs/heads/main\"]'), github.ref)", "staging", "ok"),
        ("vars.DEPLOY == 'yes' && github.ref == 'refs/heads/main'", "staging", "ok"),
        ("github.ref == 'refs/heads/main'", "prod", "FOUND"),
        ("!(github.ref == 'refs/heads/main')", "staging", "FOUND"),
        ("vars.DEPLOY == 'yes'", "staging", "?"),
        ("contains(github.event.head_commit.message, 'go')", "prod", "?"),
        ("github.ref ==", "prod", "?"),
        # A text around an expression is true, whatever it says.
        ("x ${{ github.ref == 'refs/heads/main' }}", "staging", "FOUND"),
    ],
)
def test_an_if_says_from_which_branch_a_job_deploys(condition: str, target: str, expected: str) -> None:
    text = condition.replace("'", "''")
    for place in ("job", "step", "need"):
        job = {
            "job": f"{{if: '{text}', steps: [{{run: databricks bundle deploy -t {target}}}]}}",
            "step": f"{{steps: [{{if: '{text}', run: databricks bundle deploy -t {target}}}]}}",
            "need": f"{{needs: gate, steps: [{{run: databricks bundle deploy -t {target}}}]}}\n  gate: {{if: '{text}', steps: []}}",
        }[place]
        assert outcome(cd(job, BOTH), "targets").split()[0] == expected, place


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("{push: {branches: [main]}}", "ok"),
        ("{push: {branches: main}}", "ok"),
        ("{push: {branches: ['ma*', '!mas*']}, workflow_dispatch: {}}", "FOUND"),  # ma/x no, max yes
        ("{push: {branches: ['**', '!release', '!**']}, schedule: [{cron: x}]}", "ok"),
        ("push", "FOUND"),
        ("{push: {branches-ignore: [main]}}", "FOUND"),
        ("{push: {tags: [v1]}}", "?"),
        ("pull_request", "FOUND"),
        ("{schedule: [{cron: x}]}", "ok"),
        ("workflow_dispatch", "ok"),
        ("{pull_request: {types: [closed], branches: [main]}}", "ok"),
    ],
)
def test_filters_say_from_which_branch_a_workflow_deploys(on: str, expected: str) -> None:
    job = "{steps: [{run: databricks bundle deploy -t staging}]}"
    assert outcome(cd(job, on), "targets").split()[0] == expected


PULLED = """\
on: {on}
jobs:
  test:
    env: {{T: "{secret}"}}
    steps:
      - uses: actions/checkout@v4
        with: {{ref: "{ref}"}}
"""


@pytest.mark.parametrize(
    ("on", "secret", "ref", "expected"),
    [
        (
            "pull_request_target",
            "${{ secrets['PROD_WORKSPACE_TOKEN'] }}",
            "${{ github.event.pull_request.head.sha }}",
            "FOUND",
        ),
        ("pull_request_target", "${{ SECRETS.prod_workspace_token }}", "${{ github.head_ref }}", "FOUND"),
        ("pull_request_target", "${{ toJSON(secrets) }}", "${{ github.event['pull_request']['head'].ref }}", "FOUND"),
        (
            "pull_request_target",
            "${{ secrets[format('{0}_T', 'A')] }}",
            "refs/pull/${{ github.event.number }}/merge",
            "FOUND",
        ),
        ("workflow_run", "${{ secrets.A }}", "${{ github.event.workflow_run.head_sha }}", "FOUND"),
        ("issue_comment", "${{ secrets.A }}", "refs/pull/${{ github.event.issue.number }}/head", "FOUND"),
        ("pull_request_target", "${{ secrets.A }}", "${{ steps.x.outputs.ref }}", "?"),
        ("pull_request_target", "${{ secrets.A }}", "${{ github.event.pull_request.base.sha }}", "ok"),
        ("pull_request_target", "no secrets.A", "${{ github.head_ref }}", "ok"),
        ("pull_request", "${{ secrets.A }}", "${{ github.head_ref }}", "ok"),
    ],
)
def test_a_checkout_of_a_stranger_s_code_with_secrets_is_found(on: str, secret: str, ref: str, expected: str) -> None:
    assert outcome({"pr": PULLED.format(on=on, secret=secret, ref=ref)}, "pull-request-target").split()[0] == expected


def test_a_head_is_known_by_whichever_way_it_comes() -> None:
    job = "{{env: {{T: '${{{{ secrets.A }}}}', REF: '${{{{ github.head_ref }}}}'}}, steps: [{}]}}"
    for step in ("{uses: Actions/Checkout@v4, with: {ref: '${{ env.REF }}'}}", "{run: git checkout $REF}"):
        assert outcome(cd(job.format(step), "pull_request_target"), "pull-request-target").startswith("FOUND"), step
    for step in ("{run: gh pr checkout 1}", "{run: git fetch origin pull/1/head}"):
        assert outcome(cd(job.format(step), "issue_comment"), "pull-request-target").startswith("FOUND"), step
    files = cd("{uses: ./.github/workflows/b.yml, secrets: inherit}", "pull_request_target")
    files["b"] = PULLED.format(on="workflow_call", secret="${{ secrets.A }}", ref="${{ github.head_ref }}")
    assert outcome(files, "pull-request-target").startswith("FOUND .github/workflows/b.yml")


READS_STAGING = "STAGING: '${{ secrets.STAGING_WORKSPACE_TOKEN }}'"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("${{ secrets.prod_workspace_token }}", "ok"),
        ("${{ secrets['PROD_WORKSPACE_TOKEN'] }}", "ok"),
        ("${{ Secrets [ 'Prod_Workspace_Token' ] }}", "ok"),
        ("${{ secrets[format('{0}_WORKSPACE_TOKEN', 'PROD')] }}", "ok"),
        ("${{ secrets[format('{0}_WORKSPACE_TOKEN', matrix.name)] }}", "ok"),
        ("${{ secrets['OTHER'] }}", "FOUND"),
        ("${{ 'secrets.PROD_WORKSPACE_TOKEN' }}", "FOUND"),
        ("secrets.PROD_WORKSPACE_TOKEN", "FOUND"),
        ("${{ secrets[vars.NAME] }}", "?"),
        ("${{ toJSON(secrets) }}", "?"),
        ("${{ secrets.PROD_WORKSPACE_TOKEN", "?"),
    ],
)
def test_a_secret_counts_as_read_however_it_is_written(given: str, expected: str) -> None:
    text = given.replace("'", "''")
    job = f"{{strategy: {{matrix: {{name: [prod]}}}}, env: {{T: '{text}', {READS_STAGING}}}, steps: []}}"
    assert outcome(cd(job), "secrets").split()[0] == expected


TOP = "env: {TARGET: prod}"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (script("databricks bundle deploy \\\n  --target prod"), "FOUND"),
        (script("databricks bundle deploy", env="{DATABRICKS_BUNDLE_ENV: prod}"), "FOUND"),
        (script("databricks bundle deploy -t ${{ env.TARGET }}", env="{TARGET: prod}"), "FOUND"),
        (script('databricks bundle deploy -t "${TARGET}"', env="{TARGET: prod}"), "FOUND"),
        (script("databricks bundle deploy $FLAGS", env="{FLAGS: -t prod}"), "FOUND"),
        (script("databricks bundle deploy -t ${{ matrix.t }}", strategy="{matrix: {t: [staging, prod]}}"), "FOUND"),
        (script("databricks bundle deploy -t ${{ matrix.t }}", strategy="{matrix: {include: [{t: prod}]}}"), "FOUND"),
        (script("databricks --profile ci bundle deploy -t prod"), "FOUND"),
        (script("databricks bundle deploy -tprod"), "FOUND"),
        (script("databricks bundle --target=prod deploy"), "FOUND"),
        (script("DATABRICKS_BUNDLE_ENV=prod databricks bundle deploy"), "FOUND"),
        (script("TARGET=prod\ndatabricks bundle deploy -t $TARGET"), "FOUND"),
        (script("cd x && databricks bundle validate -t staging; databricks bundle deploy -t prod | tee log"), "FOUND"),
        (script("bash -c 'databricks bundle deploy -t prod'"), "FOUND"),
        (script('x=$(databricks bundle deploy -t "prod")'), "FOUND"),
        (script("uv run ./bin/databricks bundle deploy -t prod > log 2>&1"), "FOUND"),
        (script("databricks bundle deploy -t ${{ github.ref_name == 'main' && 'prod' || 'staging' }}"), "FOUND"),
        (script("databricks bundle deploy -t staging"), "ok"),
        (script("# databricks bundle deploy -t prod\ndatabricks bundle deploy -t staging # -t prod"), "ok"),
        (script("databricks bundle validate -t prod\ndatabricks bundle deploy -t staging"), "ok"),
        (script("databricks bundle run train-t nightly -t prod\ndatabricks bundle deploy -t staging"), "ok"),
        (script("echo databricks bundle deploy -t prod\ndatabricks bundle deploy -t staging"), "ok"),
        (script("cat > x <<EOF\ndatabricks bundle deploy -t prod\nEOF\ndatabricks bundle deploy -t staging"), "ok"),
        (script("databricks bundle deploy -t $TARGET"), "?"),
        (script('databricks bundle deploy -t "$1"'), "?"),
        (script("databricks bundle deploy"), "?"),
        (script("databricks bundle deploy -t ${{ inputs.target }}${{ vars.X }}"), "?"),
        (script("echo TARGET=prod >> $GITHUB_ENV\ndatabricks bundle deploy -t $TARGET", env="{TARGET: staging}"), "?"),
        (
            script(
                "databricks bundle deploy -t ${{ matrix.t }}", strategy="{matrix: '${{ fromJSON(needs.a.outputs.b) }}'}"
            ),
            "?",
        ),
        (script("if [ $X ]; then databricks bundle deploy -t prod; fi"), "?"),
        (script("T=staging\nif [ $X ]; then T=prod; fi\ndatabricks bundle deploy -t $T"), "?"),
        (script("[[ $X ]] && databricks bundle deploy -t prod"), "?"),
        (script("for T in staging prod; do databricks bundle deploy -t $T; done"), "?"),
        (script("databricks bundle deploy -t prod", shell="x", defaults="{run: {shell: pwsh}}"), "?"),
        (script("make"), "?"),
    ],
    ids=range(35),
)
def test_a_deploy_is_seen_in_any_writing(files: Files, expected: str) -> None:
    assert outcome(files, "targets").split()[0] == expected


def test_a_deploy_is_seen_where_it_is_called() -> None:
    secrets = "{token: '${{ secrets.STAGING_WORKSPACE_TOKEN }}'}"
    files = cd(
        f"{{uses: ./.github/workflows/d.yml, with: {{target: prod}}, secrets: {secrets}}}",
        "{push: {branches: [release]}}",
    )
    files["d"] = (
        "on: {workflow_call: {inputs: {target: {default: staging}}, secrets: {token: {}}}}\njobs:\n  d:\n"
        "    env: {T: '${{ secrets.token }}'}\n    steps: [{run: 'databricks bundle deploy -t ${{ inputs.target }}'}]\n"
    )
    assert "deploys prod with STAGING_WORKSPACE_TOKEN" in outcome(files, "targets")
    files = cd("{steps: [{uses: ./actions/d, with: {target: prod}}]}")
    assert (
        outcome(files, "targets")
        == "? what .github/workflows/cd.yml:4:3 deploys cannot be told: ./actions/d is not there to be read"
    )
    files["actions/d/action.yml"] = "runs: {steps: [{run: 'databricks bundle deploy -t ${{ inputs.target }}'}]}\n"
    assert "deploys prod from main" in outcome(files, "targets")


def test_a_secret_that_every_job_has_is_each_deploy_s() -> None:
    files = cd(
        "{steps: [{run: databricks bundle deploy -t prod}]}",
        "{push: {branches: [release]}}",
        "env: {T: \"${{ secrets['staging_workspace_token'] }}\"}",
    )
    assert "deploys prod with STAGING_WORKSPACE_TOKEN" in outcome(files, "targets")


CALLER = "on: pull_request\njobs:\n  call: {uses: ./.github/workflows/unit.yml}\n"
UNIT = "on: workflow_call\njobs:\n  unit: {steps: []}\n"
MATRIX = "on: %s\njobs:\n  test:\n    strategy: {matrix: %s}\n    steps: []\n"


@pytest.mark.parametrize(
    ("files", "name", "expected"),
    [
        ({"ci": CALLER, "unit": UNIT}, "call / unit", "ok"),
        ({"ci": CALLER, "unit": UNIT.replace("{steps", "{name: '${{ inputs.x }}y', steps")}, "call / y", "ok"),
        ({"ci": CALLER.replace("./", "a/b/").replace("yml", "yml@v1")}, "call / unit", "?"),
        ({"ci": CALLER.replace("{uses", "{if: false, uses"), "unit": UNIT}, "call / unit", "FOUND"),
        ({"ci": MATRIX % ("pull_request", "{include: [{p: '3.11'}, {p: '3.12'}]}")}, "test (3.12)", "ok"),
        ({"ci": MATRIX % ("pull_request", "{os: [a, b], include: [{os: b, p: 1}]}")}, "test (b, 1)", "ok"),
        ({"ci": MATRIX % ("pull_request", "{os: [a, b], exclude: [{os: b}]}")}, "test (b)", "FOUND"),
        ({"ci": MATRIX % ("pull_request", "'${{ fromJSON(''{\"p\": [1]}'') }}'")}, "test (1)", "ok"),
        ({"ci": MATRIX % ("pull_request", "'${{ fromJSON(needs.a.outputs.b) }}'")}, "test (1)", "?"),
        ({"ci": MATRIX % ("{pull_request: {types: [closed]}}", "{p: [1]}")}, "test (1)", "FOUND"),
        ({"ci": MATRIX % ("{pull_request: {branches-ignore: [main]}}", "{p: [1]}")}, "test (1)", "FOUND"),
        ({"ci": MATRIX % ("{pull_request: {branches: ['**', '!main']}}", "{p: [1]}")}, "test (1)", "FOUND"),
        ({"ci": MATRIX % ("{pull_request: {branches: ['ma[a-k]n', 'm*']}}", "{p: [1]}")}, "test (1)", "ok"),
        ({"ci": MATRIX % ("{pull_request: {paths: ['**']}}", "{p: [true]}")}, "test (true)", "ok"),
        ({"ci": MATRIX % ("{pull_request: {paths: ['src/**']}}", "{p: [1]}")}, "test (1)", "FOUND"),
    ],
    ids=range(15),
)
def test_a_check_has_the_name_that_github_gives_it(files: Files, name: str, expected: str) -> None:
    live = project(files, required=(name,))
    assert told(lambda: _required(live)).split()[0] == expected


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("feature/*", "feature/a", True),
        ("feature/*", "feature/a/b", False),
        ("feature/**", "feature/a/b", True),
        ("**/x", "x", True),
        ("v[12].[0-9]+", "v1.10", True),
        ("v1.0", "v1x0", False),
        ("mai?n", "man", True),
        ("*", "a/b", False),
        ("a\\*", "a*", True),
    ],
)
def test_a_pattern_matches_as_github_s(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


@pytest.mark.parametrize(
    "text",
    [
        "${{ " + "(" * 20_000,
        "${{ " + "!" * 20_000 + " }}",
        "${{ a" + ".b" * 10_000 + " }}",
        "${{ " + "a||" * 6_000 + "a }}",
        "${{" * 50_000,
        "$(" * 50_000 + " databricks bundle deploy",
        "databricks bundle deploy -t $(" * 5_000,
        "<<A " * 20_000 + "\n" * 20_000,
        "`" * 50_000,
        "${A" * 50_000,
        "'\"" * 50_000,
    ],
    ids=range(11),
)
def test_hostile_text_is_read_soon(text: str) -> None:
    data = {"on": "push", "jobs": {"a": {"if": text, "name": text, "steps": [{"run": text}]}}}
    workflow = Workflow(read(yaml.safe_dump(data), file="w.yml"))
    list(workflow.deployments())
    list(workflow.secrets())
    list(workflow.reporting("main"))


def expanding() -> dict[str, Any]:
    """Workflows that are small, and large once they are worked out."""
    steps = [{"run": "databricks bundle deploy -t $X"}]
    files = {f"./.github/workflows/{one}.yml": one for one in "abc"}
    calling = {f"j{number}": {"uses": list(files)[number % 3]} for number in range(9)}
    return {
        "callers of one another": {"on": ["push", "workflow_call"], "jobs": calling},
        "included": {
            "on": "push",
            "jobs": {
                f"j{number}": {
                    "strategy": {"matrix": {"a": list(range(256)), "include": [{f"k{i}": i} for i in range(250)]}},
                    "steps": steps,
                }
                for number in range(30)
            },
        },
        "variables of a shell": {
            "on": "push",
            "jobs": {"a": {"steps": [{"run": "A=deploy\n" + "A=$A$A\n" * 60 + "databricks bundle $A"}]}},
        },
        "JSON of JSON": {
            "on": "push",
            "jobs": {"a": {"if": "toJSON(" * 40 + "'\"'" + ")" * 40 + " == 'x'", "steps": steps}},
        },
        "many branches": {
            "on": {"push": {"branches": [f"b{number}" for number in range(99)]}},
            "jobs": {"a": {"steps": steps}},
        },
        "alternatives in parentheses": {
            "on": "push",
            "jobs": {"a": {"if": "(" * 40 + "a" + "||a" * 45 + ")||a" * 40, "steps": steps}},
        },
    }


@pytest.mark.parametrize("name", expanding())
def test_what_grows_without_end_is_not_understood(name: str) -> None:
    text = yaml.safe_dump(expanding()[name])
    if name == "callers of one another":
        files = dict.fromkeys("abc", text)
        assert outcome(files, "targets").endswith("too many jobs, combinations and steps to follow")
    else:
        assert outcome({"a": text}, "targets").startswith("?")


READS = "runs-on: x, steps: [{run: x, env: {T: '${{ secrets.PROD_WORKSPACE_TOKEN }}'}}]"
OURS = "uses: acme/setup/.github/workflows/bundle.yml@main, secrets: inherit"


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (f"{{{READS}}}", "FOUND"),
        (f"{{environment: staging, {READS}}}", "FOUND"),
        (f"{{environment: prod, {READS}}}", "ok"),
        (f"{{environment: {{name: Prod}}, {READS}}}", "ok"),
        (f"{{environment: '${{{{ matrix.to }}}}', strategy: {{matrix: {{to: [prod]}}}}, {READS}}}", "ok"),
        (f"{{environment: '${{{{ matrix.to }}}}', strategy: {{matrix: {{to: [prod, staging]}}}}, {READS}}}", "FOUND"),
        (f"{{environment: '${{{{ vars.TO }}}}', {READS}}}", "?"),
        ("{env: {T: '${{ secrets.PROD_WORKSPACE_TOKEN }}'}, runs-on: x, steps: [{run: x}]}", "FOUND"),
        (f"{{{OURS}, with: {{target: prod, environment: prod}}}}", "ok"),
        (f"{{{OURS}, with: {{target: prod}}}}", "?"),
        ("{runs-on: x, steps: [{run: x}]}", "?"),
    ],
)
def test_who_reads_an_environment_s_secret_enters_the_environment(job: str, expected: str) -> None:
    assert outcome(cd(job), "environments").split(" ")[0] == expected, outcome(cd(job), "environments")


def test_the_environment_of_a_called_workflow_counts_and_not_its_caller_s() -> None:
    called = "on: {{workflow_call: {{}}}}\njobs:\n  b: {{{}}}\n"
    for inner, expected in ((READS, "FOUND"), (f"environment: prod, {READS}", "ok")):
        files = cd("{uses: ./.github/workflows/sub.yml, secrets: inherit}")
        files |= {".github/workflows/sub.yml": called.format(inner)}
        assert outcome(files, "environments").split(" ")[0] == expected
