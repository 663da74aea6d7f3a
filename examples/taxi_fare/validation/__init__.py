"""Whether a model may be deployed."""
