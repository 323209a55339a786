# A concept dimension without a code list
PREFIX ex: <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>

DELETE DATA { ex:area qb:codeList ex:areas . }
