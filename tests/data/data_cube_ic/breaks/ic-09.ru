# A slice without a key
PREFIX ex: <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>

DELETE DATA { ex:slice qb:sliceStructure ex:by-area . }
