# An observation without a value for its measure type
PREFIX ex: <https://example.org/>

DELETE DATA { ex:m1 ex:height 3 . }
