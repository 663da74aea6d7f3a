"""From trips and features to a fare model."""
