"""Prices a table of trips."""
