# An optional dimension
PREFIX ex: <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>

INSERT DATA { ex:c-area qb:componentRequired false . }
