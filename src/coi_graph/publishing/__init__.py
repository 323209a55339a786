"""Releases: building, switching, comparing, verifying."""
