"""The bundle's own configuration: everything around the resources (databricks/cli v0.280.0, bundle/config).

A struct lists its fields, the ones that are `required`, and `pointers`: nested structs that vanish when they are null.
The notation is explained in schema.py. Fields are in alphabetical order.
"""

from typing import Any, Final

ENUMS: Final[dict[str, list[str]]] = {
    "ArtifactType": ["whl", "jar"],
    "SchemaPrivilege": [
        "ALL_PRIVILEGES",
        "APPLY_TAG",
        "CREATE_FUNCTION",
        "CREATE_TABLE",
        "CREATE_VOLUME",
        "MANAGE",
        "USE_SCHEMA",
        "EXECUTE",
        "MODIFY",
        "REFRESH",
        "SELECT",
        "READ_VOLUME",
        "WRITE_VOLUME",
    ],
    "VolumePrivilege": ["ALL_PRIVILEGES", "APPLY_TAG", "MANAGE", "READ_VOLUME", "WRITE_VOLUME"],
    "Executable": ["bash", "sh", "cmd"],
    "VariableType": ["complex"],
}

STRUCTS: Final[dict[str, dict[str, Any]]] = {
    "Root": {
        "fields": {
            "artifacts": "{}@Artifact",
            "bundle": "@Bundle",
            "definitions": "any",
            "environments": "{}@Target",
            "experimental": "@Experimental",
            "include": "[]string",
            "permissions": "[]@Permission",
            "presets": "@Presets",
            "python": "@Python",
            "resources": "@Resources",
            "run_as": "@jobs.JobRunAs",
            "scripts": "{}@Script",
            "sync": "@Sync",
            "targets": "{}@Target",
            "variables": "{}@Variable",
            "workspace": "@Workspace",
        },
        "pointers": ["experimental", "run_as"],
    },
    "Target": {
        "fields": {
            "artifacts": "{}@Artifact",
            "bundle": "@Bundle",
            "cluster_id": "string",
            "compute_id": "string",
            "default": "bool",
            "git": "@Git",
            "mode": "string",
            "permissions": "[]@Permission",
            "presets": "@Presets",
            "resources": "@Resources",
            "run_as": "@jobs.JobRunAs",
            "sync": "@Sync",
            "variables": "{}@TargetVariable",
            "workspace": "@Workspace",
        },
        "pointers": ["bundle", "resources", "run_as", "sync", "workspace"],
    },
    "Bundle": {
        "fields": {
            "cluster_id": "string",
            "compute_id": "string",
            "databricks_cli_version": "string",
            "deployment": "@Deployment",
            "environment": "string",
            "force": "bool",
            "git": "@Git",
            "mode": "string",
            "name": "string",
            "target": "string",
            "terraform": "@Terraform",
            "uuid": "string",
        },
        "required": ["name"],
        "pointers": ["terraform"],
    },
    "Terraform": {"fields": {"exec_path": "string"}, "required": ["exec_path"]},
    "Deployment": {"fields": {"fail_on_active_runs": "bool", "lock": "@Lock"}},
    "Lock": {"fields": {"enabled": "bool?", "force": "bool"}},
    "Git": {
        "fields": {
            "actual_branch": "string",
            "branch": "string",
            "bundle_root_path": "string",
            "commit": "string",
            "origin_url": "string",
        }
    },
    "Workspace": {
        "fields": {
            "artifact_path": "string",
            "auth_type": "string",
            "azure_client_id": "string",
            "azure_environment": "string",
            "azure_login_app_id": "string",
            "azure_tenant_id": "string",
            "azure_use_msi": "bool",
            "azure_workspace_resource_id": "string",
            "client_id": "string",
            "current_user": "@User",
            "file_path": "string",
            "google_service_account": "string",
            "host": "string",
            "metadata_service_url": "string",
            "profile": "string",
            "resource_path": "string",
            "root_path": "string",
            "state_path": "string",
        },
        "pointers": ["current_user"],
    },
    "User": {
        "fields": {
            "active": "bool",
            "displayName": "string",
            "domain_friendly_name": "string",
            "emails": "[]any",
            "entitlements": "[]any",
            "externalId": "string",
            "groups": "[]any",
            "id": "string",
            "name": "any",
            "roles": "[]any",
            "schemas": "[]string",
            "short_name": "string",
            "userName": "string",
        }
    },
    "Artifact": {
        "fields": {
            "build": "string",
            "dynamic_version": "bool",
            "executable": "#Executable",
            "files": "[]@ArtifactFile",
            "path": "string",
            "type": "#ArtifactType",
        }
    },
    "ArtifactFile": {
        "fields": {"patched": "string", "remote_path": "string", "source": "string"},
        "required": ["source"],
    },
    "Sync": {"fields": {"exclude": "[]string", "include": "[]string", "paths": "[]string"}},
    "Presets": {
        "fields": {
            "artifacts_dynamic_version": "bool",
            "jobs_max_concurrent_runs": "int",
            "name_prefix": "string",
            "pipelines_development": "bool?",
            "source_linked_deployment": "bool?",
            "tags": "{}string",
            "trigger_pause_status": "string",
        }
    },
    "Experimental": {
        "fields": {
            "pydabs": "@PyDABs",
            "python": "@Python",
            "python_wheel_wrapper": "bool",
            "scripts": "{}string",
            "skip_artifact_cleanup": "bool",
            "skip_name_prefix_for_schema": "bool",
            "use_legacy_run_as": "bool",
        }
    },
    "PyDABs": {"fields": {"enabled": "bool"}},
    "Python": {"fields": {"mutators": "[]string", "resources": "[]string", "venv_path": "string"}},
    "Permission": {
        "fields": {
            "group_name": "string",
            "level": "string",
            "service_principal_name": "string",
            "user_name": "string",
        },
        "required": ["level"],
    },
    "Script": {"fields": {"content": "string"}, "required": ["content"]},
    "Variable": {
        "fields": {
            "default": "any",
            "description": "string",
            "lookup": "@Lookup",
            "type": "#VariableType",
            "value": "any",
        },
        "pointers": ["lookup"],
    },
    "TargetVariable": {
        "fields": {
            "default": "any",
            "description": "string",
            "lookup": "@Lookup",
            "type": "#VariableType",
            "value": "any",
        },
        "pointers": ["lookup"],
    },
    "Lookup": {
        "fields": {
            "alert": "string",
            "cluster": "string",
            "cluster_policy": "string",
            "dashboard": "string",
            "instance_pool": "string",
            "job": "string",
            "metastore": "string",
            "notification_destination": "string",
            "pipeline": "string",
            "query": "string",
            "service_principal": "string",
            "warehouse": "string",
        }
    },
    "Grant": {"fields": {"principal": "string", "privileges": "[]string"}, "required": ["principal", "privileges"]},
    "SchemaGrant": {
        "fields": {"principal": "string", "privileges": "[]#SchemaPrivilege"},
        "required": ["principal", "privileges"],
    },
    "VolumeGrant": {
        "fields": {"principal": "string", "privileges": "[]#VolumePrivilege"},
        "required": ["principal", "privileges"],
    },
    "Lifecycle": {"fields": {"prevent_destroy": "bool"}},
}
