# A slice key that no structure declares
PREFIX ex: <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>

DELETE DATA { ex:dsd qb:sliceKey ex:by-area . }
