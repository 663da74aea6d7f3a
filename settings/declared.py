"""What databricks.yml says of hosts, catalogs and schemas, held against mlops.yaml, which decides.

Where credentials go and what is granted comes from mlops.yaml alone. Here it is told where the two differ, with the
line to write, and that line as data for `python -m checks preflight --write-declared`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bundle.yaml_source import Position
from settings.clouds import is_workspace_host
from settings.editing import flow, scalar
from settings.faults import Fault
from settings.implied import catalogs_of, schemas_of, targets_of
from settings.ml_project import MlProject, Target
from settings.model import Catalog, Config, Environment
from settings.naming import schema_name
from settings.reading import Path as Key
from settings.reading import Source
from settings.unity_names import Use, is_plain, said, same, shown

WRITE = "python -m checks preflight --write-declared"
_ASK = "if an administrator agrees"


@dataclass(frozen=True, slots=True)
class Addition:
    """A value for mlops.yaml, the key that it stands under, and where databricks.yml says so."""

    path: Key
    value: Any
    place: Position


@dataclass(frozen=True, slots=True)
class Difference:
    """A fault, and what would cure it; without additions somebody has to decide, or databricks.yml is wrong."""

    fault: Fault
    additions: tuple[Addition, ...] = ()


@dataclass(slots=True)
class _Wanted:
    """What the bundles of an environment want of one catalog.

    Schemas stand under their names as Unity Catalog keeps them, each with its name as databricks.yml writes it.
    """

    name: str
    first: Use
    place: Position
    schemas: dict[str, tuple[str, Use, Position]] = field(default_factory=dict)
    makes_schemas: dict[str, tuple[str, Use, Position]] = field(default_factory=dict)
    volumes: dict[str, tuple[Use, Position]] = field(default_factory=dict)

    @property
    def makes_volumes(self) -> tuple[Use, Position] | None:
        """The first volume in a schema that the bundles do not make themselves, and so do not own."""
        return next((one for schema, one in self.volumes.items() if schema not in self.makes_schemas), None)


def differences(config: Config, project: MlProject, *, source: Source) -> tuple[Difference, ...]:
    """Everything that databricks.yml says otherwise than mlops.yaml, and every host that is missing there."""
    uses = {target.name: target.uses for target in project.targets if target.resolved.ok}
    comparison = _Comparison(config, project, source, uses)
    found: list[Difference] = []
    for name, section in config.environments.items():
        found += comparison.hosts(name, section)
        found += comparison.catalogs(name, section)
    for target in project.targets:
        if target.environment is None and target.resolved.ok:
            found += comparison.host_of_a_person(target)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Comparison:
    config: Config
    project: MlProject
    source: Source
    uses: Mapping[str, tuple[Use, ...]]

    def hosts(self, name: str, section: Environment) -> Iterator[Difference]:
        """An environment's address against that of its targets."""
        told = [
            (target, self._place(target, "workspace.host"))
            for target in self._sound(name)
            if target.host and target.host != section.host
        ]
        at: Key = ("environments", name, "host")
        if section.host is not None:
            for target, place in told:
                yield Difference(
                    self.source.fault(
                        at,
                        found=f"{section.host}, and {said(target.host)} for target {target.name} in {_at(place)}",
                        allowed="one workspace for all targets of an environment",
                        remedy="correct one of the two; credentials go to the one that stands here",
                    )
                )
            return
        hosts: dict[str, tuple[Target, Position]] = {}
        for target, place in told:
            hosts.setdefault(target.host, (target, place))
        says = [
            f"{said(host)} is that of target {target.name} in {_at(place)}" for host, (target, place) in hosts.items()
        ]
        found = "; ".join(["nothing", *says])
        additions: tuple[Addition, ...] = ()
        remedy = "add `host:` here"
        if len(hosts) == 1:
            (host,) = hosts
            if is_workspace_host(host, self.config.cloud):
                additions = (Addition(at, host, told[0][1]),)
                remedy = f"add `host: {host}` here, {_ASK} that credentials go there; `{WRITE}` adds it"
            else:
                remedy = f"add `host:` here; what databricks.yml names is no workspace on {self.config.cloud}"
        allowed = "The workspace's address."
        if len(hosts) > 1:
            allowed = "one workspace for all targets of an environment"
        yield Difference(self.source.fault(at, found=found, allowed=allowed, remedy=remedy), additions)

    def host_of_a_person(self, target: Target) -> Iterator[Difference]:
        """A person's credentials go to workspaces that mlops.yaml names, as all others."""
        section = self.config.ml_project
        personal = section.personal_hosts if section else ()
        hosts = [one.host for one in self.config.environments.values() if one.host]
        known = tuple(dict.fromkeys((*hosts, *personal)))
        name = said(target.name)
        key = f"targets.{name}.workspace.host"
        if not target.host:
            place = self._place(target, "bundle")
            remedy = f"add it: target {name} belongs to no environment that could tell"
            whole = Position(place.file, 0, 0)
            yield Difference(Fault.at(whole, key, found="nothing", allowed="The workspace's address.", remedy=remedy))
        elif target.host not in known:
            place = self._place(target, "workspace.host")
            line = f"personal_hosts: [{target.host}]"
            at = self.source.position(("ml_project",))
            remedy = (
                f"add `{line}` to ml_project in {_at(at)}, {_ASK} that your credentials go there"
                if is_workspace_host(target.host, self.config.cloud)
                else f"correct it: it is no workspace on {self.config.cloud}"
            )
            allowed = f"a host that {at.file} names: {', '.join(known)}"
            yield Difference(Fault.at(place, key, found=said(target.host), allowed=allowed, remedy=remedy))

    def catalogs(self, name: str, section: Environment) -> Iterator[Difference]:
        """Where an environment's bundles work against the catalogs and schemas that mlops.yaml lists or implies."""
        listed = {same(one): (one, options) for one, options in catalogs_of(name, section).items()}
        wanted: dict[str, _Wanted] = {}
        silent: list[str] = []
        for target in self._sound(name):
            used = []
            for use in self.uses[target.name]:
                refused = self._refused(name, use, target, listed, section)
                if refused is not None:
                    yield refused
                elif use.table is None:
                    used.append(use)
                    _want(wanted, use, partial(self._place, target, use.address))
            if not used:
                silent.append(target.name)
        for one in wanted.values():
            for key in one.makes_schemas:
                one.schemas.pop(key, None)
        if section.catalogs is None:
            if any(key not in listed or self._lacking(one, listed[key]) for key, one in wanted.items()):
                yield self._unlisted(name, section, wanted, silent)
            return
        for key, one in wanted.items():
            if key not in listed:
                yield self._missing(name, one)
            else:
                yield from self._short(name, one, *listed[key])

    def _refused(
        self,
        name: str,
        use: Use,
        target: Target,
        listed: Mapping[str, tuple[str, Catalog]],
        section: Environment,
    ) -> Difference | None:
        """A place that nobody but an administrator can give, or databricks.yml must leave."""

        def fault(found: str, allowed: str, remedy: str) -> Difference:
            place = self._place(target, use.path)
            return Difference(Fault.at(place, said(use.path), found=found, allowed=allowed, remedy=remedy))

        if use.unknown:
            return fault(
                f"{said(use.unknown)}, a name that only a deploy could tell",
                "names of catalogs and schemas that are known before: they decide what lies in whose",
                "write the name itself, or refer to a name that stands in this bundle",
            )
        here = self.source.position(("environments", name, "catalogs"))
        own = ", ".join(shown(one) for one, _ in listed.values()) or "none"
        odd = next((one for one in (use.catalog, use.schema or "", use.table or "") if one and not is_plain(one)), None)
        entry = listed.get(same(use.catalog))
        if entry is None and (owner := self._owner(name, same(use.catalog))):
            other, at = owner
            opened = {same(use.catalog): {"shared_with": [other]}}
            if section.catalogs is None:
                line = flow({"catalogs": {**{one: {} for one, _ in listed.values()}, **opened}})
            else:
                line = flow(opened)
            return fault(
                f"catalog {shown(use.catalog)}, which belongs to environment {other} ({_at(at)})",
                f"the catalogs of environment {name} ({_at(here)}): {own}",
                f"move it to one of these. Only an administrator opens a catalog of {other} to {name}, with "
                f"`{line[1:-1]}` in environments.{name}{'' if section.catalogs is None else '.catalogs'}",
            )
        if use.schema is not None and (holder := self._holder(name, use.catalog, use.schema)):
            schemas = schemas_of(entry[1], self.config.project) if entry else ()
            if use.makes == "schema" or same(use.schema) not in map(same, schemas):
                other, at = holder
                full = f"{shown(use.catalog)}.{shown(use.schema)}"
                return fault(
                    f"schema {full}, which belongs to environment {other} ({_at(at)})",
                    f"the schemas of environment {name} in {shown(use.catalog)} ({_at(here)}): "
                    f"{', '.join(shown(one) for one in schemas) or 'none'}",
                    "make a schema of another name"
                    if use.makes == "schema"
                    else f"move it to one of these. Only an administrator opens a schema of {other} to {name}, with "
                    f"`schemas:` in environments.{name}.catalogs.{shown(use.catalog)}",
                )
        if odd is not None and not self._lists(odd, use, entry):
            return fault(
                f"{shown(odd)}, with characters that can look like others",
                f"the catalogs of environment {name} ({_at(here)}): {own}",
                "correct the name; if it is meant, an administrator writes it into mlops.yaml letter by letter",
            )
        if use.table is not None and not self._monitored(name, use, entry, section):
            full = f"{use.catalog}.{use.schema}.{use.table}"
            return fault(
                f"table {said(full)}",
                f"a table in the schemas of environment {name} ({_at(here)}), or one of its input_tables and "
                "output_tables",
                f"correct the name, or add `input_tables: {flow([said(full)])}` to environments.{name}, {_ASK} that "
                "its principal reads the table",
            )
        return None

    def _lists(self, odd: str, use: Use, entry: tuple[str, Catalog] | None) -> bool:
        """Whether an administrator has written the name into mlops.yaml."""
        if entry is None:
            return False
        return odd in (entry[0], use.table) or odd in schemas_of(entry[1], self.config.project)

    def _monitored(self, name: str, use: Use, entry: tuple[str, Catalog] | None, section: Environment) -> bool:
        """Whether a table lies where the environment works, or where its bundles make a schema, or is listed itself."""
        pair = (same(use.catalog), same(str(use.schema)))
        if entry and pair[1] in map(same, schemas_of(entry[1], self.config.project)):
            return True
        others = (use for target in self._sound(name) for use in self.uses[target.name] if use.table is None)
        if any((same(other.catalog), same(str(other.schema))) == pair for other in others):
            return True  # What is missing for it is told of the resource that lies there, or makes it.
        full = same(f"{use.catalog}.{use.schema}.{use.table}")
        return full in map(same, (*section.input_tables, *section.output_tables))

    def _lacking(self, wanted: _Wanted, entry: tuple[str, Catalog]) -> dict[str, Any]:
        """What has to be added to an entry of `catalogs` for what is wanted."""
        options = entry[1]
        creates = options.create or bool(options.create_schema)
        held = [same(one) for one in schemas_of(options, self.config.project)]
        needed = [schema for schema in wanted.schemas if schema not in held]
        lacking: dict[str, Any] = {}
        if options.schemas is not None:
            if needed:
                lacking["schemas"] = [*options.schemas, *needed]
        elif needed and options.name_of_schema is not None:
            lacking["schemas"] = needed
        elif creates and needed:
            lacking["schemas"] = [*schemas_of(options, self.config.project), *needed]
        elif not creates and (needed or (options.name_of_schema is None and held[0] in wanted.makes_schemas)):
            # The default gives way, unless the bundle works in it as well.
            lacking["schemas"] = list(wanted.schemas)
        if wanted.makes_schemas and not options.may_create_schemas:
            lacking["may_create_schemas"] = True
        if wanted.makes_volumes and not options.may_create_volumes:
            lacking["may_create_volumes"] = True
        return lacking

    def _entry(self, name: str, wanted: _Wanted) -> dict[str, Any]:
        """A new entry of `catalogs` that gives what is wanted and no more."""
        entry: dict[str, Any] = {}
        if (other := self._first_in(same(wanted.name))) not in (None, name):
            entry["shared_with"] = [other]
        if list(wanted.schemas) != [same(schema_name(self.config.project))]:
            entry["schemas"] = list(wanted.schemas)
        if wanted.makes_schemas:
            entry["may_create_schemas"] = True
        if wanted.makes_volumes:
            entry["may_create_volumes"] = True
        return entry

    def _unlisted(
        self, name: str, section: Environment, wanted: Mapping[str, _Wanted], silent: list[str]
    ) -> Difference:
        """An environment without `catalogs` whose bundles work elsewhere than in what that means."""
        path: Key = ("environments", name, "catalogs")
        usual = schema_name(self.config.project)
        catalogs: dict[str, dict[str, Any]] = {target: {} for target in targets_of(name, section) if target in silent}
        catalogs |= {catalog: self._entry(name, one) for catalog, one in wanted.items()}
        implied = ", ".join(f"{target}.{usual}" for target in targets_of(name, section))
        return self._addition(
            path,
            catalogs,
            wanted.values(),
            found=f"nothing, which stands for {implied}",
            line=f"catalogs: {flow(catalogs)}",
            shared=any("shared_with" in entry for entry in catalogs.values()),
        )

    def _addition(
        self, path: Key, value: Any, wanted: Collection[_Wanted], *, found: str, line: str, shared: bool
    ) -> Difference:
        """What is missing, with the line to write; what two environments share, somebody has to write by hand."""
        lies = "; ".join(map(self._says, wanted))
        remedy = f"add `{line}` here, {_ASK} that its principal works there, or correct the bundle"
        fault = self.source.fault(
            path if path[-1] == "catalogs" else path[:-1],
            found=f"{found}; and {lies}",
            allowed="every catalog and schema in which a target of the environment works",
            remedy=remedy if shared else f"{remedy}; `{WRITE}` adds it",
        )
        first = next(iter(wanted))
        return Difference(fault, () if shared else (Addition(path, value, first.place),))

    def _missing(self, name: str, wanted: _Wanted) -> Difference:
        """A catalog that the environment does not list."""
        path: Key = ("environments", name, "catalogs")
        entry = self._entry(name, wanted)
        return self._addition(
            (*path, same(wanted.name)),
            entry,
            [wanted],
            found=", ".join(self.config.environments[name].catalogs or ()) or "none",
            line=f"{scalar(same(wanted.name))}: {flow(entry)}",
            shared="shared_with" in entry,
        )

    def _short(self, name: str, wanted: _Wanted, written: str, options: Catalog) -> Iterator[Difference]:
        """An entry that says less than the bundles want."""
        path: Key = ("environments", name, "catalogs", written)
        declared = wanted.makes_schemas
        if options.name_of_schema or options.schemas:
            for schema in schemas_of(options, self.config.project):
                if same(schema) in declared and not (options.create or options.create_schema):
                    _, use, place = declared[same(schema)]
                    yield Difference(
                        self.source.fault(
                            path,
                            found=f"schema {written}.{schema}, which {said(use.address)} of {_at(place)} declares as "
                            "well",
                            allowed="each schema made by one of the two: what is listed here exists before the bundle",
                            remedy="take it out here (`schemas: []` where the bundle makes all of them), or remove it "
                            "from the bundle",
                        )
                    )
        if not (lacking := self._lacking(wanted, (written, options))):
            return
        refused = [key for key in lacking if getattr(options, key) is False and key in options.model_fields_set]
        lines = " and ".join(f"`{key}: {flow(value)}`" for key, value in lacking.items())
        at: Key = (*path, refused[0]) if refused else path
        held = ", ".join(schemas_of(options, self.config.project)) or "none"
        found = {
            "schemas": f"schema {held}",
            "may_create_schemas": "may_create_schemas: false",
            "may_create_volumes": "may_create_volumes: false",
        }
        additions = () if refused else tuple(
            Addition((*path, key), value, wanted.place) for key, value in lacking.items()
        )  # fmt: skip
        yield Difference(
            self.source.fault(
                at,
                found=f"{', '.join(found[key] for key in lacking)}; and {self._says(wanted)}",
                allowed="every catalog and schema in which a target of the environment works, and what it makes there",
                remedy=f"{'write' if refused else 'add'} {lines} here, {_ASK}, or correct the bundle"
                + ("" if refused else f"; `{WRITE}` adds it"),
            ),
            additions,
        )

    def _says(self, wanted: _Wanted) -> str:
        """Where the bundle works in a catalog, each schema with the first resource that lies in it."""
        told = [
            f"{said(use.address)} of {_at(place)} lies in {wanted.name}.{name}"
            for name, use, place in wanted.schemas.values()
            if wanted.makes_volumes is None or use != wanted.makes_volumes[0]
        ]
        told += [
            f"{said(use.address)} of {_at(place)} makes schema {wanted.name}.{name}"
            for name, use, place in wanted.makes_schemas.values()
        ]
        if wanted.makes_volumes:
            use, place = wanted.makes_volumes
            told.append(f"{said(use.address)} of {_at(place)} makes a volume in {wanted.name}.{use.schema}")
        return "; ".join(told) or f"{said(wanted.first.address)} of {_at(wanted.place)} lies in {wanted.name}"

    def _first_in(self, catalog: str) -> str | None:
        """The first environment whose bundles work in a catalog that no other environment has."""
        for name in self.config.environments:
            works = any(same(use.catalog) == catalog for target in self._sound(name) for use in self.uses[target.name])
            if works and self._owner(name, catalog) is None:
                return name
        return None

    def _owner(self, name: str, catalog: str) -> tuple[str, Position] | None:
        """The other environment that lists a catalog or has a target of its name, and where."""
        for other, section in self.config.environments.items():
            if other == name:
                continue
            for written in section.catalogs or ():
                if same(written) == catalog:
                    return other, self.source.position(("environments", other, "catalogs", written))
            for index, target in enumerate(targets_of(other, section)):
                if same(target) == catalog:
                    listed = section.targets is not None
                    key: Key = ("environments", other, *(("targets", index) if listed else ()))
                    return other, self.source.position(key)
        return None

    def _holder(self, name: str, catalog: str, schema: str) -> tuple[str, Position] | None:
        """The other environment whose schema that is, and where."""
        for other, section in self.config.environments.items():
            for written, options in catalogs_of(other, section).items() if other != name else ():
                schemas = map(same, schemas_of(options, self.config.project))
                if same(written) == same(catalog) and same(schema) in schemas:
                    return other, self.source.position(("environments", other, "catalogs", written))
        return None

    def _sound(self, environment: str) -> list[Target]:
        return [target for target in self.project.of(environment) if target.resolved.ok]

    def _place(self, target: Target, path: str) -> Position:
        return self.project.checkout.position(target.resolved, path)


def _want(wanted: dict[str, _Wanted], use: Use, place: Callable[[], Position]) -> None:
    """Add what a resource wants; its place is asked for only where it is the first."""
    if same(use.catalog) not in wanted:
        wanted[same(use.catalog)] = _Wanted(use.catalog, use, place())
    one = wanted[same(use.catalog)]
    if use.schema is None:
        return
    schemas = one.makes_schemas if use.makes == "schema" else one.schemas
    if same(use.schema) not in schemas:
        schemas[same(use.schema)] = (use.schema, use, place())
    if use.makes == "volume":
        one.volumes.setdefault(same(use.schema), (use, place()))


def _at(place: Position) -> str:
    return f"{said(place.file)}:{place.line}:{place.column}"
