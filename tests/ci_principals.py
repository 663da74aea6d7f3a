"""Principals for the jobs of workflows, made in a sandbox as an account admin would make them."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from sandbox.clock import Clock
from sandbox.databricks.world.identity import credentials, membership, principals
from sandbox.state import open_state, world_of
from tests.deployments import Deployment


def workspace_admin(deployment: Deployment, hosts: Collection[str] = ()) -> tuple[str, str]:
    """One that administers the workspaces at those hosts, or all, and nothing else: client id and secret."""
    store = open_state(deployment.sandbox.folder)
    try:
        with store.transaction():
            clock, world = Clock(), world_of(store)
            assert world is not None
            client_id = str(uuid.uuid4())
            fields = {"applicationId": client_id, "displayName": f"ci-{client_id[:8]}", "active": True}
            made = principals.create(store, clock, principals.SERVICE_PRINCIPAL, fields)
            for workspace in world.workspaces:
                if not hosts or f"https://{workspace.host}" in hosts:
                    membership.assign(store, workspace.id, made.id, [membership.ADMIN])
            secret = credentials.issue_secret(store, clock, owner_id=made.id, lifetime=timedelta(days=90))
    finally:
        store.close()
    return client_id, secret.value
