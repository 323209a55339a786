"""coi-graph: COI's strategic framework as a published knowledge graph."""

__version__ = "0.1.0"
