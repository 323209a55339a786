# An observation without a dimension
PREFIX ex: <https://example.org/>

DELETE DATA { ex:o2 ex:area ex:south . }
