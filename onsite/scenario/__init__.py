"""Scenarios as data: schema, loading, replay, scoring. Imports nothing of the other packages."""
