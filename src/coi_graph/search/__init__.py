"""Search in a release: an index of tantivy beside it, made from it and only from it.

`records` reads what is searched, `index` holds it, `asking` turns what a person typed into a
query, `making` puts the index beside the release and says whether it can be trusted.
"""
