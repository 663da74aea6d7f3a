"""Attributes of objects, changed, removed and added by hand: what is done to each is a row."""
