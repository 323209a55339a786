"""The larger commands, one a module; `coi_graph.cli` puts them together."""
