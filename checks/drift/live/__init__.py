"""The objects of a stack as the services show them, compared with what was synthesized. Knows plans and no findings."""
