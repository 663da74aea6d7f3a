"""What must agree between sections. Works on plain data, so that one bad section hides no fault of another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from settings.model import ACCOUNT_HOSTS, WORKSPACE_SUFFIXES
from settings.naming import secret_name
from settings.reading import Path, dotted


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two places that contradict each other; `path` is the one to change."""

    path: Path
    found: str
    allowed: str
    remedy: str


def disagreements(data: Mapping[str, Any]) -> Iterator[Disagreement]:
    """Every contradiction between sections of mlops.yaml."""
    yield from _hosts_of_the_cloud(data)
    environments = {
        name: section for name, section in _map(data.get("environments")).items() if isinstance(section, dict)
    }
    yield from _hosts_are_known(data, environments)
    yield from _claimed_once(environments)
    yield from _tables_listed_once(environments)


def _hosts_of_the_cloud(data: Mapping[str, Any]) -> Iterator[Disagreement]:
    cloud = data.get("cloud", "aws")
    if not isinstance(cloud, str) or cloud not in WORKSPACE_SUFFIXES:
        return
    account_host = _map(data.get("account")).get("host")
    if isinstance(account_host, str) and not account_host.startswith(("https://accounts.", "https://accounts-dod.")):
        yield Disagreement(
            ("account", "host"),
            found=account_host,
            allowed=f"{ACCOUNT_HOSTS[cloud]}: Terraform recognises the account by this beginning",
            remedy="write the address of the account console, not that of a workspace, or drop the key",
        )
    for name, section in _map(data.get("environments")).items():
        host = _map(section).get("host")
        if not isinstance(host, str):
            continue
        if host.startswith(("https://accounts.", "https://accounts-dod.")):
            yield Disagreement(
                ("environments", name, "host"),
                found=host,
                allowed="the address of a workspace",
                remedy="write the address that the workspace shows in the browser, not that of the account console",
            )
        others = [suffix for other, suffix in WORKSPACE_SUFFIXES.items() if other != cloud and host.endswith(suffix)]
        if others or host.endswith(".azuredatabricks.net"):
            yield Disagreement(
                ("environments", name, "host"),
                found=host,
                allowed=f"a workspace on {cloud}, as `cloud` says",
                remedy="correct the host, or `cloud`",
            )


def _hosts_are_known(data: Mapping[str, Any], environments: Mapping[str, dict[str, Any]]) -> Iterator[Disagreement]:
    if "ml_project" in data:
        return
    for name, section in environments.items():
        if "host" not in section:
            yield Disagreement(
                ("environments", name, "host"),
                found="nothing",
                allowed="The workspace's address.",
                remedy="add `host:` here",
            )


def _claimed_once(environments: Mapping[str, dict[str, Any]]) -> Iterator[Disagreement]:
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
        if "principal" in section:
            yield from _once(principals, section["principal"], name, "principal", "the display name")
        for catalog, options in _map(section.get("catalogs")).items():
            if _map(options).get("create") is True:
                if catalog in created:
                    yield Disagreement(
                        ("environments", name, "catalogs", catalog, "create"),
                        found=f"catalog {catalog}, which {created[catalog]} creates already",
                        allowed="each catalog created by one environment",
                        remedy="remove `create: true` from one of the two",
                    )
                created.setdefault(catalog, dotted(("environments", name)))


def _once(seen: dict[str, str], value: object, name: str, key: str, what: str) -> Iterator[Disagreement]:
    if not isinstance(value, str):
        return
    if value in seen:
        yield Disagreement(
            ("environments", name, key),
            found=f"{what} {value}, which {seen[value]} uses already",
            allowed="a name of its own for each environment",
            remedy=f"change `{key}` of one of the two",
        )
    seen.setdefault(value, dotted(("environments", name)))


def _tables_listed_once(environments: Mapping[str, dict[str, Any]]) -> Iterator[Disagreement]:
    for name, section in environments.items():
        for key in ("input_tables", "output_tables"):
            seen: set[str] = set()
            tables = section.get(key)
            for index, table in enumerate(tables if isinstance(tables, list) else []):
                if isinstance(table, str) and table in seen:
                    yield Disagreement(
                        ("environments", name, key, index),
                        found=f"{table} a second time",
                        allowed="each table once",
                        remedy="remove one of the two",
                    )
                seen.add(str(table))


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
