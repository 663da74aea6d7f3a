"""An mlops.yaml without a fault, as people write it."""

GOOD = """\
project: taxi-fare
account:
  id: 3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11
github:
  owner: acme
  repository: taxi-fare
environments:
  staging:
    host: https://acme-staging.cloud.databricks.com
    targets: [staging, test]
  prod:
    host: https://acme-prod.cloud.databricks.com
    branch: release
"""
