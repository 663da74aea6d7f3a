"""Metastores, as the account manages them and as a workspace sees its own.

https://docs.databricks.com/api/account/metastores and https://docs.databricks.com/api/workspace/metastores
"""

import re
import uuid

from sandbox.clock import Clock
from sandbox.databricks import assigned_metastores, principals, securables
from sandbox.databricks.bodies import body
from sandbox.databricks.principals import Principal
from sandbox.databricks.refusals import InvalidError
from sandbox.databricks.securables import Securable
from sandbox.route import Call, Caller
from sandbox.store import Document, Store
from unity_catalog import SecurableType

# The cloud is told by how a region is named: us-west-2, us-central1, westeurope.
_AWS_REGION = re.compile(r"[a-z]{2}(-gov)?-[a-z]+-\d")
_GCP_REGION = re.compile(r"[a-z]+-[a-z]+\d+")
_SENT = ("external_access_enabled", "storage_root")


def make_metastore(
    store: Store,
    clock: Clock,
    metastore: Securable,
    *,
    name: str,
    region: str,
    creator: Caller | Principal,
    fields: Document | None = None,
) -> None:
    """Make one; it belongs to its creator, who manages all that will be in it."""
    about = {**(fields or {}), "name": name, "cloud": cloud_of(region), "region": region}
    securables.insert(store, clock, metastore, creator=creator, fields=about)


def cloud_of(region: str) -> str:
    """The cloud that has a region of that name: "aws", "gcp" or "azure"."""
    if _AWS_REGION.fullmatch(region):
        return "aws"
    return "gcp" if _GCP_REGION.fullmatch(region) else "azure"


def list_metastores(call: Call) -> Document:
    """Those of the account."""
    return {"metastores": [_shown(call, metastore, document) for metastore, document in _all(call)]}


def create_metastore(call: Call) -> Document:
    """Make one; an account has one in each region."""
    wanted = _info(call)
    for needed in ("name", "region"):
        if not isinstance(wanted.get(needed), str) or not wanted[needed]:
            raise InvalidError(f"Missing required field: metastore_info.{needed}")
    held = [document for _, document in _all(call)]
    if any(document["name"] == wanted["name"] for document in held):
        raise InvalidError(f"Metastore '{wanted['name']}' already exists", code="METASTORE_ALREADY_EXISTS")
    if any(document["region"] == wanted["region"] for document in held):
        account, region = call.world.account_id, wanted["region"]
        raise InvalidError(f"This account with id {account} has reached the limit for metastores in region {region}.")
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


def wanted_metastore(call: Call) -> Securable:
    """The metastore that the path names; 404 when the account has none of that id."""
    metastore = securables.metastore(call.params["metastore_id"])
    securables.require(call, metastore)
    return metastore


def _all(call: Call) -> list[tuple[Securable, Document]]:
    found = call.store.all(f"databricks.{SecurableType.METASTORE}")
    return [(securables.metastore(metastore_id), document) for metastore_id, document in found]


def _info(call: Call) -> Document:
    wanted = body(call).get("metastore_info")
    if not isinstance(wanted, dict):
        raise InvalidError("Missing required field: metastore_info")
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
