# An observation without its measure
PREFIX ex: <https://example.org/>

DELETE DATA { ex:o1 ex:value 7 . }
