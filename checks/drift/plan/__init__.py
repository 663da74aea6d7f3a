"""Terraform's plans: how stacks come by one, its JSON, and where two values of a resource differ. Knows no findings."""
