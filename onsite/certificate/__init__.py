"""Certificates: who has earned one, how it looks, and whether one is genuine."""
