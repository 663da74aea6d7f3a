"""From trips to feature tables, and back to the features of one trip."""
