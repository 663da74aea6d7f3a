"""What happens to a validated model."""
