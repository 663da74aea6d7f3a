"""One module per feature table, each with COLUMNS and compute_features(trips)."""
