# A structure without a measure
PREFIX ex: <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>

DELETE DATA { ex:dsd qb:component ex:c-value . }
