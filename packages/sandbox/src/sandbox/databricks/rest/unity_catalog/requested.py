"""What requests about securables name, and how answers show it."""

from sandbox.databricks.rest.bodies import body, optional
from sandbox.databricks.world.refusals import InvalidError, NotBuiltError
from sandbox.databricks.world.unity_catalog import authorization, securables
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable, securable
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/grants")


def wanted(call: Call, kind: SecurableType) -> Securable:
    """The securable that the path names; 404 when there is none."""
    found = securable(call, kind, call.params["name" if kind is SecurableType.CATALOG else "full_name"])
    securables.require(call, found)
    return found


def wanted_container(call: Call, kind: SecurableType, *, resource: str) -> Securable:
    """The catalog or schema that a change names. Neither is renamed here: `resource` is the module to extend."""
    found = wanted(call, kind)
    if body(call).get("new_name", found.name) not in (found.name, ""):
        raise NotBuiltError(
            f"The sandbox does not rename {resource}: sandbox/databricks/rest/unity_catalog/{resource}.py."
        )
    return found


def wanted_metastore(call: Call) -> Securable:
    """The metastore that the path names; 404 when the account has none of that id."""
    metastore = securables.metastore(call.params["metastore_id"])
    securables.require(call, metastore)
    return metastore


def securable_of(call: Call) -> Securable:
    """What the path of the permissions API names by its type and its name."""
    kind = call.params["securable_type"].lower()
    if kind not in SecurableType.__members__.values():
        raise InvalidError(
            f"SECURABLE_TYPE {call.params['securable_type']} is not known to the sandbox.", source=_SOURCE
        )
    return securable(call, SecurableType(kind), call.params["full_name"])


def listed_schema(call: Call, kind: SecurableType) -> list[Securable]:
    """What of that kind the caller may see of the schema that the query names."""
    missing = [name for name in ("catalog_name", "schema_name") if not call.query.get(name)]
    if missing:
        raise InvalidError(f"Missing required field: {missing[0]}", source=_SOURCE)
    schema = securable(call, SecurableType.SCHEMA, f"{call.query['catalog_name']}.{call.query['schema_name']}")
    securables.require(call, schema)
    found = [one for one in securables.children(call.store, schema) if one.type is kind]
    return [one for one in found if authorization.may_see(call.store, call.caller, one)]


def sent(call: Call, *names: str) -> Document:
    """Those fields of the body that say something: clients send empty ones for what nobody configured."""
    return {name: value for name in names if (value := body(call).get(name)) not in (None, "", {})}


def visible(call: Call, parent: Securable) -> list[Document]:
    """What the caller may see of what lies in a securable, as answers have it."""
    found = securables.children(call.store, parent)
    return [shown(call, one) for one in found if authorization.may_see(call.store, call.caller, one)]


def remove_container(call: Call, kind: SecurableType) -> None:
    """Remove the catalog or schema that the path names; with `force` also when it is not empty."""
    found = wanted(call, kind)
    if call.query.get("force") != "true":
        securables.require_empty(call.store, found)
    securables.remove(call.store, found)


def change(call: Call, target: Securable, *fields: str) -> None:
    """Change those fields that the body has, and the owner if it names one."""
    changes = {name: body(call)[name] for name in fields if name in body(call)}
    securables.update(call, target, changes | securables.owner_change(call, optional(call, "owner", str)))


def shown(call: Call, target: Securable) -> Document:
    """A securable as answers have it; also a catalog that the change has just closed to this workspace."""
    document = securables.load(call.store, target)
    if document is None:
        raise securables.missing(target)
    return securables.shown(call.store, target, document)
