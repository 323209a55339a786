"""From an IRI to its description."""
