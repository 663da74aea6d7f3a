"""POST /graphql: exactly the keys that were asked for, and every refusal in GraphQL's form.

The Terraform provider rejects an answer with a key that its query does not have.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.github.graphql.errors import GraphQLRefusalError
from sandbox.github.graphql.schema import ROOT_FIELDS, RootField, Thing
from sandbox.github.graphql.syntax import (
    Document,
    Field,
    FragmentSpread,
    InlineFragment,
    Operation,
    Selection,
    SyntaxFault,
    VariableUse,
    parse,
)
from sandbox.github.rest.authentication import lacks
from sandbox.github.rest.bodies import body
from sandbox.github.rest.rules import TOKEN_REFUSAL
from sandbox.github.world.accounts.plans import UPGRADE, is_limited
from sandbox.github.world.repositories.collaborators import permission_of, reaches
from sandbox.route import Call
from sandbox.source import github_docs, standard

_SOURCE = standard("https://spec.graphql.org/October2021/")
_TOKENS = github_docs("rest/authentication/permissions-required-for-fine-grained-personal-access-tokens")
_ROLES = github_docs(
    "organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization"
)
_PLANS = github_docs("get-started/learning-about-github/githubs-plans")


def answer_graphql(call: Call) -> dict[str, Any]:
    """Run the operation; the first error takes everything back."""
    sent = body(call)
    text = sent.get("query")
    if not isinstance(text, str):
        raise GraphQLRefusalError("A query attribute must be specified and must be a string.", source=_SOURCE)
    try:
        document = parse(text)
    except SyntaxFault as fault:
        raise GraphQLRefusalError(str(fault), location=_location(text, fault.offset), source=_SOURCE) from None
    operation = _operation(document, sent.get("operationName"))
    return {"data": _Execution(call, text, document, _variables(operation, sent.get("variables") or {})).run(operation)}


def _operation(document: Document, name: str | None) -> Operation:
    fitting = [one for one in document.operations if not name or one.name == name]
    if len(fitting) != 1:
        raise GraphQLRefusalError(
            f"No operation named {name!r}" if name else "An operation name is required", source=_SOURCE
        )
    return fitting[0]


def _variables(operation: Operation, sent: Any) -> Mapping[str, Any]:
    if not isinstance(sent, Mapping):
        raise GraphQLRefusalError("Variables must be an object.", source=_SOURCE)
    for name in operation.required:
        if sent.get(name) is None:
            raise GraphQLRefusalError(
                f"Variable ${name} was provided invalid value (Expected value to not be null)", source=_SOURCE
            )
    return {**operation.defaults, **sent}


def _location(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


class _Execution:
    """One run of one operation."""

    def __init__(self, call: Call, text: str, document: Document, variables: Mapping[str, Any]) -> None:
        self._call = call
        self._text = text
        self._document = document
        self._variables = variables

    def run(self, operation: Operation) -> dict[str, Any]:
        """The data of the answer."""
        root = "Query" if operation.kind == "query" else "Mutation"
        data: dict[str, Any] = {}
        for field in self._fields(operation.selections, lambda on: on in (None, root)):
            if field.name == "__typename":
                data[field.key] = root
                continue
            found = next((one for one in ROOT_FIELDS if (one.kind, one.name) == (operation.kind, field.name)), None)
            if found is None:
                raise self._undefined(field, root)
            try:
                data[field.key] = self._root(found, field)
            except GraphQLRefusalError as refusal:
                refusal.key = refusal.key or field.key
                refusal.location = refusal.location or _location(self._text, field.offset)
                raise
        return data

    def _root(self, found: RootField, field: Field) -> Any:
        arguments = self._arguments(field)
        if found.level:
            self._check(found, arguments)
        thing = found.resolve(self._call, arguments)
        if not self._visible(thing):
            raise found.missing(arguments)
        return self._complete(thing, field)

    def _check(self, found: RootField, arguments: Mapping[str, Any]) -> None:
        repository = found.repository(self._call, arguments)
        held = permission_of(self._call.store, repository, self._call.caller.id) if repository else "none"
        if repository is None or held == "none":
            raise found.missing(arguments)
        if lacks(self._call, found.needs, "write"):
            raise GraphQLRefusalError(TOKEN_REFUSAL, kind="FORBIDDEN", source=_TOKENS)
        if not reaches(held, found.level):
            name = found.name[0].upper() + found.name[1:]
            raise GraphQLRefusalError(
                f"{self._call.caller.name} does not have the correct permissions to execute `{name}`",
                kind="FORBIDDEN",
                source=_ROLES,
            )
        # Every mutation here is about branch protection.
        if is_limited(self._call.store, repository):
            raise GraphQLRefusalError(UPGRADE, kind="FORBIDDEN", source=_PLANS)

    def _visible(self, thing: Thing) -> bool:
        if not thing.type.level:
            return True
        if lacks(self._call, thing.type.needs, "read"):
            return False
        repository = thing.type.repository(self._call, thing.value)
        return repository is not None and reaches(
            permission_of(self._call.store, repository, self._call.caller.id), thing.type.level
        )

    def _complete(self, value: Any, field: Field) -> Any:
        if isinstance(value, list):
            return [self._complete(item, field) for item in value if not isinstance(item, Thing) or self._visible(item)]
        if not isinstance(value, Thing):
            if field.selections and value is not None:
                raise self._fault(field, f"Selections can't be made on scalars (field '{field.name}')")
            return value
        if not field.selections:
            raise self._fault(field, f"Field must have selections (field '{field.name}' returns {value.type.name})")
        return self._object(value, field) if self._visible(value) else None

    def _object(self, thing: Thing, parent: Field) -> dict[str, Any]:
        names = (None, thing.type.name, *thing.type.interfaces)
        shown: dict[str, Any] = {}
        for field in self._fields(parent.selections, lambda on: on in names):
            if field.name == "__typename":
                shown[field.key] = thing.type.name
                continue
            resolve = thing.type.fields.get(field.name)
            if resolve is None:
                raise self._undefined(field, thing.type.name)
            shown[field.key] = self._complete(resolve(self._call, thing.value, self._arguments(field)), field)
        return shown

    def _fields(self, selections: tuple[Selection, ...], applies: Callable[[str | None], bool]) -> list[Field]:
        fields: list[Field] = []
        for selection in selections:
            if isinstance(selection, Field):
                fields.append(selection)
                continue
            fragment = self._fragment(selection) if isinstance(selection, FragmentSpread) else selection
            if applies(fragment.on):
                fields += self._fields(fragment.selections, applies)
        return fields

    def _fragment(self, spread: FragmentSpread) -> InlineFragment:
        found = self._document.fragments.get(spread.name)
        if found is None:
            raise GraphQLRefusalError(f"Fragment {spread.name} was used, but not defined", source=_SOURCE)
        return found

    def _arguments(self, field: Field) -> dict[str, Any]:
        return {name: self._value(value) for name, value in field.arguments.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, VariableUse):
            return self._variables.get(value.name)
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if isinstance(value, dict):
            return {name: self._value(item) for name, item in value.items()}
        return value

    def _undefined(self, field: Field, name: str) -> GraphQLRefusalError:
        return self._fault(
            field,
            f"Field '{field.name}' doesn't exist on type '{name}'"
            " in the sandbox; if it does on GitHub, add it to sandbox/github/graphql/schema.py",
        )

    def _fault(self, field: Field, message: str) -> GraphQLRefusalError:
        return GraphQLRefusalError(message, location=_location(self._text, field.offset), source=_SOURCE)
