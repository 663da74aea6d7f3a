"""What differs between a stack as it was deployed, as it is now, and as it should be; from Terraform's plans alone."""
