# An observation in two data sets
PREFIX ex: <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>

INSERT DATA { ex:o1 qb:dataSet ex:other-data . ex:other-data qb:structure ex:dsd . }
