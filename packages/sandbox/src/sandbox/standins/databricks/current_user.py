"""The data source databricks_current_user."""

import re

from sandbox.standins.behaviour import DataSource
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.plan import Values

ME = workspace("GET", "/api/2.0/preview/scim/v2/Me")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _find(session: Session, _config: Values) -> Values:
    me = session.send(ME)
    name = me["userName"]
    return {
        "id": me["id"],
        "user_name": name,
        "home": f"/Users/{name}",
        "repos": f"/Repos/{name}",
        "acl_principal_id": f"{'servicePrincipals' if _UUID.fullmatch(name) else 'users'}/{name}",
        "external_id": me.get("externalId", ""),
        "alphanumeric": re.sub(r"[^A-Za-z0-9]", "_", name.partition("@")[0]).lower(),
        "workspace_url": session.host,
    }


DATA_SOURCE: DataSource[Session] = DataSource(requests=(ME,), read=_find)
