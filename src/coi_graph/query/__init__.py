"""Answering SPARQL queries under limits."""
