"""What is run against a live setup: what is missing before, proof after, what Terraform cannot see, and drift."""
