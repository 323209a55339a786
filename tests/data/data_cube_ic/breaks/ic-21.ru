# A value that leads to no root
PREFIX ex:   <https://example.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

DELETE DATA { ex:leaf skos:broader ex:root . }
