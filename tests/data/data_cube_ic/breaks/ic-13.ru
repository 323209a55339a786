# An observation without a required attribute
PREFIX ex: <https://example.org/>

DELETE DATA { ex:o1 ex:unit ex:percent . }
