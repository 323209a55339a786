# A slice with an observation of another data set
PREFIX ex: <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>

INSERT DATA { ex:slice qb:observation ex:m1 . }
