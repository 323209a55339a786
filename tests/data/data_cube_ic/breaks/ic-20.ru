# A value that no root leads to
PREFIX ex:   <https://example.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

DELETE DATA { ex:root skos:narrower ex:leaf . }
