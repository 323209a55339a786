# A slice without its fixed dimension
PREFIX ex: <https://example.org/>

DELETE DATA { ex:slice ex:area ex:north . }
