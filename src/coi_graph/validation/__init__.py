"""Shapes, and the reports that validation writes."""
