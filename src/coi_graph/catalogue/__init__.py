"""What a release says of itself to harvesters: DCAT-AP, VoID, schema.org."""
