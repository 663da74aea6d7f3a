"""`/unity-catalog/models`: registered models and their aliases.

https://docs.databricks.com/api/workspace/registeredmodels; versions come from MLflow and are not built.
"""

from sandbox.databricks import securables
from sandbox.databricks.bodies import body, optional, required
from sandbox.databricks.refusals import InvalidError, NotFoundError
from sandbox.databricks.securables import Securable, securable
from sandbox.databricks.tables import listed_schema
from sandbox.route import Call
from sandbox.store import Document
from unity_catalog import SecurableType

_SENT = ("comment", "storage_location")


def create_model(call: Call) -> Document:
    """Make one; the caller owns it."""
    parts = [required(call, name, str) for name in ("catalog_name", "schema_name", "name")]
    model = securable(call, SecurableType.MODEL, ".".join(parts))
    fields = {name: value for name in _SENT if (value := body(call).get(name)) not in (None, "")}
    catalog, schema = model.containers
    place = {"catalog_name": catalog.name, "schema_name": schema.name}
    securables.insert(call.store, call.clock, model, creator=call.caller, fields={**fields, **place})
    return _answer(call, model)


def list_models(call: Call) -> Document:
    """Those of a schema that the caller may see."""
    found = [one for one in listed_schema(call) if one.type is SecurableType.MODEL]
    return {"registered_models": [_answer(call, one) for one in found]}


def get_model(call: Call) -> Document:
    """One; aliases come only when they are asked for, as the provider would take them for drift."""
    model = _wanted(call)
    answer = _answer(call, model)
    if call.query.get("include_aliases") == "true":
        answer["aliases"] = [_alias(model, name, version) for name, version in sorted(_aliases(call, model).items())]
    return answer


def update_model(call: Call) -> Document:
    """Change the comment, or give it to somebody else; the provider sends read-only fields along, twice."""
    model = _wanted(call)
    changes = {name: body(call)[name] for name in ("comment",) if name in body(call)}
    securables.update(call, model, changes | securables.owner_change(call, optional(call, "owner", str)))
    return _answer(call, model)


def delete_model(call: Call) -> None:
    """Remove one."""
    securables.remove(call.store, _wanted(call))


def list_versions(call: Call) -> Document:
    """The versions: none, as nothing registers any."""
    _wanted(call)
    return {"model_versions": []}


def set_alias(call: Call) -> Document:
    """Point an alias at a version."""
    model, version = _wanted(call), required(call, "version_num", int)
    if version <= 0:
        raise InvalidError("version_num must be greater than zero.")
    securables.update(call, model, {"aliases": {**_aliases(call, model), call.params["alias"]: version}})
    return _alias(model, call.params["alias"], version)


def delete_alias(call: Call) -> None:
    """Remove an alias."""
    model = _wanted(call)
    aliases = _aliases(call, model)
    if aliases.pop(call.params["alias"], None) is None:
        raise NotFoundError(f"Alias '{call.params['alias']}' does not exist.")
    securables.update(call, model, {"aliases": aliases or None})


def _wanted(call: Call) -> Securable:
    model = securable(call, SecurableType.MODEL, call.params["full_name"])
    securables.require(call, model)
    return model


def _aliases(call: Call, model: Securable) -> dict[str, int]:
    return dict(securables.require(call, model).get("aliases", {}))


def _alias(model: Securable, name: str, version: int) -> Document:
    catalog, schema = model.containers
    place = {"catalog_name": catalog.name, "schema_name": schema.name, "model_name": model.name}
    return {**place, "alias_name": name, "version_num": version}


def _answer(call: Call, model: Securable) -> Document:
    answer = securables.shown(call.store, model, securables.require(call, model))
    return {key: value for key, value in answer.items() if key != "aliases"}
