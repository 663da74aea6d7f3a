"""What must agree between sections. Works on plain data, so that one bad section hides no fault of another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from settings.clouds import CLOUDS, endings, is_account_host, is_https_host, is_workspace_host
from settings.naming import DATABRICKS_CATALOGS, principal_name, secret_name
from settings.reading import Path, dotted
from settings.unity_names import same


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two places that contradict each other; `path` is the one to change, `beside` the other where it is named."""

    path: Path
    found: str
    allowed: str
    remedy: str
    beside: Path | None = None


def disagreements(data: Mapping[str, Any]) -> Iterator[Disagreement]:
    """Every contradiction between sections of mlops.yaml."""
    yield from _hosts_of_the_cloud(data)
    environments = {
        name: section for name, section in _map(data.get("environments")).items() if isinstance(section, dict)
    }
    yield from _hosts_are_known(data, environments)
    yield from _claimed_once(environments, data.get("project"))
    yield from _repositories_are_two(data)
    yield from _secrets_of_others(data, environments)
    yield from _catalogs_can_be_granted_on(environments)
    yield from _shared_on_purpose(environments)
    yield from _tables_listed_once(environments)
    yield from _without_effect(_map(data.get("github")), environments)


def _hosts_of_the_cloud(data: Mapping[str, Any]) -> Iterator[Disagreement]:
    """Hosts that are no place of Databricks on this cloud: whatever is sent there, credentials go with it."""
    cloud = data.get("cloud", "aws")
    if not isinstance(cloud, str) or cloud not in CLOUDS:
        return
    account_host = _map(data.get("account")).get("host")
    if isinstance(account_host, str) and is_https_host(account_host) and not is_account_host(account_host, cloud):
        yield Disagreement(
            ("account", "host"),
            found=account_host,
            allowed=f"the account console on {cloud}, such as {CLOUDS[cloud].account_host}",
            remedy="write the address of the account console, not that of a workspace, or drop the key",
        )
    hosts: list[tuple[Path, object]] = [
        (("environments", name, "host"), _map(section).get("host"))
        for name, section in _map(data.get("environments")).items()
    ]
    personal = _map(data.get("ml_project")).get("personal_hosts")
    hosts += [
        (("ml_project", "personal_hosts", index), host)
        for index, host in enumerate(personal if isinstance(personal, list) else [])
    ]
    for path, host in hosts:
        if not isinstance(host, str) or not is_https_host(host) or is_workspace_host(host, cloud):
            continue
        if is_account_host(host, cloud):
            yield Disagreement(
                path,
                found=host,
                allowed="the address of a workspace",
                remedy="write the address that the workspace shows in the browser, not that of the account console",
            )
        else:
            yield Disagreement(
                path,
                found=host,
                allowed=f"a workspace on {cloud}, as `cloud` says: its address ends in {endings(cloud)}",
                remedy="correct the host, or `cloud`",
            )


def _hosts_are_known(data: Mapping[str, Any], environments: Mapping[str, dict[str, Any]]) -> Iterator[Disagreement]:
    if isinstance(data.get("ml_project"), dict):
        return  # What is said then names the host of databricks.yml (declared.py).
    for name, section in environments.items():
        if "host" not in section:
            yield Disagreement(
                ("environments", name, "host"),
                found="nothing",
                allowed="The workspace's address.",
                remedy="add `host:` here",
            )


def _claimed_once(environments: Mapping[str, dict[str, Any]], project: object) -> Iterator[Disagreement]:
    targets: dict[str, str] = {}
    secrets: dict[str, str] = {}
    principals: dict[str, str] = {}
    created: dict[str, str] = {}
    for name, section in environments.items():
        listed = section.get("targets", [name])
        for index, target in enumerate(listed if isinstance(listed, list) else []):
            path: Path = ("environments", name, "targets", index) if "targets" in section else ("environments", name)
            if not isinstance(target, str):
                continue
            if target in targets:
                yield Disagreement(
                    path,
                    found=f"target {target}, which {targets[target]} has already",
                    allowed="each target in one environment: its principal deploys it",
                    remedy=f"remove {target} from one of the two",
                )
            targets.setdefault(target, dotted(("environments", name)))
        yield from _once(secrets, section.get("secret", secret_name(name)), name, "secret", "the Actions secret")
        usual = principal_name(project, name) if isinstance(project, str) else None
        yield from _once(principals, section.get("principal", usual), name, "principal", "the display name")
        for catalog, options in _map(section.get("catalogs")).items():
            if _map(options).get("create") is True:
                if same(catalog) in created:
                    yield Disagreement(
                        ("environments", name, "catalogs", catalog, "create"),
                        found=f"catalog {catalog}, which {created[same(catalog)]} creates already",
                        allowed="each catalog created by one environment",
                        remedy="remove `create: true` from one of the two",
                    )
                created.setdefault(same(catalog), dotted(("environments", name)))


def _repositories_are_two(data: Mapping[str, Any]) -> Iterator[Disagreement]:
    """One repository for both: who may merge code of the ML project could run it with administrators' credentials."""
    both = [_map(data.get(section)) for section in ("infrastructure", "github")]
    names = [tuple(str(one.get(key)).casefold() for key in ("owner", "repository")) for one in both]
    if both[0] and names[0] == names[1]:
        yield Disagreement(
            ("infrastructure", "repository"),
            found="the ML repository",
            allowed="the repository of mlops.yaml, which is another one",
            remedy="keep mlops.yaml in a repository of its own: whoever may change workflows where it lies can run "
            "anything with the credentials that set up production",
        )


def _secrets_of_others(data: Mapping[str, Any], environments: Mapping[str, dict[str, Any]]) -> Iterator[Disagreement]:
    """A secret that is said to be somebody else's, and would be overwritten."""
    github = _map(data.get("github"))
    others = github.get("other_secrets")
    if github.get("secret_scope", "repository") != "repository" or not isinstance(others, list):
        return
    for name, section in environments.items():
        secret = section.get("secret", secret_name(name))
        if secret in others:
            yield Disagreement(
                ("github", "other_secrets", others.index(secret)),
                found=f"{secret}, which {dotted(('environments', name))} sets",
                allowed="secrets that others keep there",
                remedy="remove it, or let `secret` of the environment name another one",
            )


@dataclass(frozen=True, slots=True)
class _Claim:
    """What makes a catalog an environment's: `listed` where it says so itself, `named_after` the target of its name."""

    environment: str
    path: Path
    listed: bool
    named_after: str | None
    shared_with: frozenset[str]


def _claims(name: str, section: Mapping[str, Any]) -> Iterator[tuple[str, _Claim]]:
    """The catalogs that an environment lists, and those that are named after its targets."""
    targets = section.get("targets", [name])
    named_after: dict[str, tuple[str, Path]] = {}
    for index, target in enumerate(targets if isinstance(targets, list) else []):
        if isinstance(target, str):
            path: Path = ("environments", name, "targets", index) if "targets" in section else ("environments", name)
            named_after.setdefault(same(target), (target, path))
    listed = _map(section.get("catalogs"))
    for catalog, options in listed.items():
        shared = _map(options).get("shared_with")
        others = frozenset(one for one in shared if isinstance(one, str)) if isinstance(shared, list) else frozenset()
        at: Path = ("environments", name, "catalogs", catalog)
        target, _ = named_after.get(same(catalog), (None, ()))
        yield same(catalog), _Claim(name, at, True, target, others)
    for catalog, (target, at) in named_after.items():
        if catalog not in {same(one) for one in listed}:
            yield catalog, _Claim(name, at, False, target, frozenset())


def _catalogs_can_be_granted_on(environments: Mapping[str, dict[str, Any]]) -> Iterator[Disagreement]:
    """Targets whose catalog, which is named as they are where `catalogs` is silent, is one of Databricks' own."""
    for name, section in environments.items():
        targets = section.get("targets", [name])
        for index, target in enumerate(targets if isinstance(targets, list) and "catalogs" not in section else []):
            if isinstance(target, str) and same(target) in DATABRICKS_CATALOGS:
                yield Disagreement(
                    ("environments", name, "targets", index) if "targets" in section else ("environments", name),
                    found=f"target {target}, and so its catalog {target}, which is Databricks' own",
                    allowed="a catalog that privileges can be granted on",
                    remedy="name the catalog that the target works in under `catalogs`",
                )


def _shared_on_purpose(environments: Mapping[str, dict[str, Any]]) -> Iterator[Disagreement]:
    """Catalogs of two environments of which neither says that this is meant, and what is said of no environment."""
    seen: dict[str, list[_Claim]] = {}
    for name, section in environments.items():
        own: set[str] = set()
        for catalog, claim in _claims(name, section):
            if catalog in own:
                yield Disagreement(
                    claim.path,
                    found=f"catalog {catalog} a second time: case makes no difference",
                    allowed="each catalog once",
                    remedy="merge the two or remove one",
                )
                continue
            own.add(catalog)
            for other in seen.setdefault(catalog, []):
                one_target = not (claim.listed or other.listed) and claim.named_after == other.named_after
                meant = other.environment in claim.shared_with or name in other.shared_with
                # One target in two environments is a fault of its own.
                if not meant and not one_target:
                    yield _unshared(catalog, other, claim)
            seen[catalog].append(claim)
            for stranger in sorted(claim.shared_with - (environments.keys() - {name})):
                yield Disagreement(
                    (*claim.path, "shared_with"),
                    found=stranger,
                    allowed=", ".join(one for one in environments if one != name)
                    or "nothing: there is one environment",
                    remedy="name the other environment whose catalog this is as well",
                )


def _unshared(catalog: str, first: _Claim, second: _Claim) -> Disagreement:
    """Said where it can be mended: at an entry of `catalogs`, rather not at that of the catalog's own environment."""
    wrong, owner = second, first
    if first.listed and (second.named_after is not None or not second.listed):
        wrong, owner = first, second
    entry = f"{catalog}: {{shared_with: [{owner.environment}]}}"
    how = f"`{entry}`" if wrong.listed else f"`catalogs: {{{entry}}}` in environments.{wrong.environment}"
    return Disagreement(
        wrong.path,
        found=f"catalog {catalog}, which {owner.environment} "
        f"{'lists as well' if owner.listed else 'has by the name of a target'}",
        allowed="each catalog in one environment, unless an entry says that it is shared",
        remedy=f"name another catalog, or say that the principals of both are meant to work in it: {how}",
        beside=owner.path,
    )


def _once(seen: dict[str, str], value: object, name: str, key: str, what: str) -> Iterator[Disagreement]:
    """A name that is written or follows from the environment's; neither GitHub nor Databricks tells names by case."""
    if not isinstance(value, str):
        return
    if (known := value.casefold()) in seen:
        yield Disagreement(
            ("environments", name, key),
            found=f"{what} {value}, which {seen[known]} uses already",
            allowed="a name of its own for each environment",
            remedy=f"change `{key}` of one of the two",
        )
    seen.setdefault(known, dotted(("environments", name)))


def _tables_listed_once(environments: Mapping[str, dict[str, Any]]) -> Iterator[Disagreement]:
    for name, section in environments.items():
        for key in ("input_tables", "output_tables"):
            seen: set[str] = set()
            tables = section.get(key)
            for index, table in enumerate(tables if isinstance(tables, list) else []):
                if isinstance(table, str) and same(table) in seen:
                    yield Disagreement(
                        ("environments", name, key, index),
                        found=f"{table} a second time",
                        allowed="each table once",
                        remedy="remove one of the two",
                    )
                seen.add(same(str(table)))


def _without_effect(github: Mapping[str, Any], environments: Mapping[str, dict[str, Any]]) -> Iterator[Disagreement]:
    """What somebody has written to be safer, and what changes nothing because of something else."""
    if github.get("secret_scope", "repository") == "repository":
        for name, section in environments.items():
            if section.get("secret_on_branch_only") is not None:
                yield Disagreement(
                    ("environments", name, "secret_on_branch_only"),
                    found="a rule for the secret's GitHub environment, and the secret lies in the repository, where "
                    "jobs of every branch read it",
                    allowed="with `github.secret_scope: environment`",
                    remedy="set `secret_scope: environment` under github, or drop this key",
                )
    if github.get("release_checks") and all(one.get("branch", "main") == "main" for one in environments.values()):
        yield Disagreement(
            ("github", "release_checks"),
            found="checks of release branches, and every environment is deployed from main",
            allowed="with an environment whose `branch` is another one",
            remedy="list them under `required_checks`, or give production a branch of its own, such as release",
        )


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
