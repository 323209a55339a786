"""Tables that people fill in: templates, reading what comes back, marking what is to be mended."""
