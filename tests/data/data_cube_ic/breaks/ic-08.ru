# A slice key with a property that the structure lacks
PREFIX ex: <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>

INSERT DATA { ex:by-area qb:componentProperty ex:colour . ex:slice ex:colour ex:red . }
