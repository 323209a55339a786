# A data set without a structure
PREFIX ex: <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>

DELETE DATA { ex:data qb:structure ex:dsd . }
