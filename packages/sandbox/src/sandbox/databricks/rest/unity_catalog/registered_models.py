"""`/unity-catalog/models`: registered models and their aliases.

https://docs.databricks.com/api/workspace/registeredmodels; versions come from MLflow and are not built.
"""

from sandbox.computed import computed
from sandbox.databricks.rest.bodies import body, required
from sandbox.databricks.rest.unity_catalog.name_limits import named
from sandbox.databricks.rest.unity_catalog.requested import change, listed_schema, shown, wanted
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable, securable
from sandbox.limits import limited
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_sdk
from sandbox.store import Document

_SOURCE = databricks_api("workspace/registeredmodels")

_SENT = ("comment", "storage_location")


COMPUTED = computed(
    "model",
    databricks_sdk("databricks/sdk/service/catalog.py"),
    full_name="catalog, schema and name, in lower case",
    owner="who made it",
    metastore_id="the metastore of the workspace",
    created_at="when it was made, in milliseconds",
    created_by="who made it",
    updated_at="when it was changed, in milliseconds",
    updated_by="who changed it",
)


@limited(*named("CreateRegisteredModel"))
def create_model(call: Call) -> Document:
    """Make one; the caller owns it."""
    parts = [required(call, name, str) for name in ("catalog_name", "schema_name", "name")]
    model = securable(call, SecurableType.MODEL, ".".join(parts))
    fields = {name: value for name in _SENT if (value := body(call).get(name)) not in (None, "")}
    catalog, schema = model.containers
    place = {"catalog_name": catalog.name, "schema_name": schema.name}
    securables.insert(call.store, call.clock, model, creator=call.caller, fields={**fields, **place})
    return _shown(call, model)


def list_models(call: Call) -> Document:
    """Those of a schema that the caller may see."""
    return {"registered_models": [_shown(call, one) for one in listed_schema(call, SecurableType.MODEL)]}


def get_model(call: Call) -> Document:
    """One; aliases come only when they are asked for, as the provider would take them for drift."""
    model = wanted(call, SecurableType.MODEL)
    answer = _shown(call, model)
    if call.query.get("include_aliases") == "true":
        answer["aliases"] = [_alias(model, name, version) for name, version in sorted(_aliases(call, model).items())]
    return answer


def update_model(call: Call) -> Document:
    """Change the comment, or give it to somebody else; the provider sends read-only fields along, twice."""
    model = wanted(call, SecurableType.MODEL)
    change(call, model, "comment")
    return _shown(call, model)


def delete_model(call: Call) -> None:
    """Remove one."""
    securables.remove(call.store, wanted(call, SecurableType.MODEL))


def list_versions(call: Call) -> Document:
    """The versions: none, as nothing registers any."""
    wanted(call, SecurableType.MODEL)
    return {"model_versions": []}


def set_alias(call: Call) -> Document:
    """Point an alias at a version."""
    model, version = wanted(call, SecurableType.MODEL), required(call, "version_num", int)
    if version <= 0:
        raise InvalidError("version_num must be greater than zero.", source=_SOURCE)
    securables.update(call, model, {"aliases": {**_aliases(call, model), call.params["alias"]: version}})
    return _alias(model, call.params["alias"], version)


def delete_alias(call: Call) -> None:
    """Remove an alias."""
    model = wanted(call, SecurableType.MODEL)
    aliases = _aliases(call, model)
    if aliases.pop(call.params["alias"], None) is None:
        raise NotFoundError(f"Alias '{call.params['alias']}' does not exist.", source=_SOURCE)
    securables.update(call, model, {"aliases": aliases or None})


def _aliases(call: Call, model: Securable) -> dict[str, int]:
    return dict(securables.require(call, model).get("aliases", {}))


def _alias(model: Securable, name: str, version: int) -> Document:
    catalog, schema = model.containers
    place = {"catalog_name": catalog.name, "schema_name": schema.name, "model_name": model.name}
    return {**place, "alias_name": name, "version_num": version}


def _shown(call: Call, model: Securable) -> Document:
    return {key: value for key, value in shown(call, model).items() if key != "aliases"}
