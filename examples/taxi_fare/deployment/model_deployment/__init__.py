"""Makes a model version the one that is used."""
