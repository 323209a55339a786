"""Mirroring another coi-graph: copy a release, then apply what each later one changed."""
