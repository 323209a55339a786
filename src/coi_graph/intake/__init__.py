"""Reading contributed and tabular files into quads."""
