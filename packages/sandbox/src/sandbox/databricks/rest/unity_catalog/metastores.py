"""Metastores, as the account manages them and as a workspace sees its own.

https://docs.databricks.com/api/account/metastores and https://docs.databricks.com/api/workspace/metastores
"""

import uuid

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.unity_catalog.requested import (
    wanted_metastore,
)
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.unity_catalog import assigned_metastores, securables
from sandbox.databricks.world.unity_catalog.new_securables import make_metastore
from sandbox.databricks.world.unity_catalog.securables import Securable
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_docs
from sandbox.store import Document

_SOURCE = databricks_api("account/metastores")
_ONE_A_REGION = databricks_docs("data-governance/unity-catalog/create-metastore")

_SENT = ("external_access_enabled", "storage_root")


def list_metastores(call: Call) -> Document:
    """Those of the account."""
    return {
        "metastores": [_shown(call, metastore, document) for metastore, document in securables.metastores(call.store)]
    }


def create_metastore(call: Call) -> Document:
    """Make one; an account has one in each region."""
    wanted = _info(call)
    for needed in ("name", "region"):
        if not isinstance(wanted.get(needed), str) or not wanted[needed]:
            raise InvalidError(f"Missing required field: metastore_info.{needed}", source=_SOURCE)
    held = [document for _, document in securables.metastores(call.store)]
    if any(document["name"] == wanted["name"] for document in held):
        raise InvalidError(
            f"Metastore '{wanted['name']}' already exists", code="METASTORE_ALREADY_EXISTS", source=_SOURCE
        )
    if any(document["region"] == wanted["region"] for document in held):
        account, region = call.world.account_id, wanted["region"]
        raise InvalidError(
            f"This account with id {account} has reached the limit for metastores in region {region}.",
            source=_ONE_A_REGION,
        )
    metastore = securables.metastore(str(uuid.uuid4()))
    make_metastore(
        call.store,
        call.clock,
        metastore,
        name=wanted["name"],
        region=wanted["region"],
        creator=call.caller,
        fields={name: wanted[name] for name in _SENT if wanted.get(name) not in (None, "")},
    )
    return _answer(call, metastore)


def get_metastore(call: Call) -> Document:
    """One."""
    return _answer(call, wanted_metastore(call))


def update_metastore(call: Call) -> Document:
    """Give one to somebody else."""
    metastore = wanted_metastore(call)
    owner = _info(call).get("owner")
    securables.update(call, metastore, securables.owner_change(call, owner if isinstance(owner, str) else None))
    return _answer(call, metastore)


def delete_metastore(call: Call) -> None:
    """Remove one, and leave its workspaces without; with `force` also when it holds catalogs."""
    metastore = wanted_metastore(call)
    if call.query.get("force", "").lower() != "true":
        securables.require_empty(call.store, metastore)
    for workspace_id in assigned_metastores.workspaces_of(call.store, metastore.full_name):
        assigned_metastores.unassign(call.store, workspace_id)
    securables.remove(call.store, metastore)


def get_summary(call: Call) -> Document:
    """What everybody may know of the metastore of this workspace."""
    metastore = securables.metastore_here(call)
    shown = _shown(call, metastore, securables.require(call, metastore))
    return {name: value for name, value in shown.items() if name not in _SENT}


def _info(call: Call) -> Document:
    wanted = body(call).get("metastore_info")
    if not isinstance(wanted, dict):
        raise InvalidError("Missing required field: metastore_info", source=_SOURCE)
    return wanted


def _answer(call: Call, metastore: Securable) -> Document:
    return {"metastore_info": _shown(call, metastore, securables.require(call, metastore))}


def _shown(call: Call, metastore: Securable, document: Document) -> Document:
    return {
        **{name: value for name, value in document.items() if name != "owner_id"},
        "metastore_id": metastore.full_name,
        "global_metastore_id": f"{document['cloud']}:{document['region']}:{metastore.full_name}",
        "owner": principals.name_of(call.store, document["owner_id"]),
        "privilege_model_version": "1.0",
    }
