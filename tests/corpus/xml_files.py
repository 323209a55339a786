"""Bad and odd RDF/XML."""

from __future__ import annotations

from case import Case, quiet, refused, remark

X = "f.rdf"
H = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:ex="https://e.example/">\n'
)
A = '<ex:T rdf:about="https://e.example/a">'
E = "</rdf:RDF>\n"


def bad(name: str, text: str, da: str, en: str, at: str | None, **more: object) -> Case:
    return refused(f"xml/{name}", X, text, da, en, at, **more)


def laughs(levels: int) -> str:
    entities = '<!ENTITY l0 "ha">' + "".join(
        f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, levels)
    )
    return f"<!DOCTYPE x [{entities}]>\n{H}{A}<ex:p>&l{levels - 1};</ex:p></ex:T>{E}"


CASES: list[Case] = [
    bad("billion-laughs", laughs(10), "DOCTYPE", "DOCTYPE", "1:1"),
    bad(
        "quadratic-entity",
        '<!DOCTYPE x [<!ENTITY a "'
        + "x" * 50_000
        + '">]>\n'
        + H
        + A
        + "<ex:p>"
        + "&a;" * 50_000
        + "</ex:p></ex:T>"
        + E,
        "DOCTYPE",
        "DOCTYPE",
        "1:1",
    ),
    bad("doctype-alone", "<!DOCTYPE rdf>\n" + H + E, "DOCTYPE", "DOCTYPE", "1:1"),
    bad(
        "doctype-after-declaration",
        '<?xml version="1.0"?>\n<!DOCTYPE rdf>\n' + H + E,
        "DOCTYPE",
        "DOCTYPE",
        "2:1",
    ),
    bad("doctype-in-small-letters", "<!doctype rdf>\n" + H + E, "", "", "*"),
    refused(
        "xml/external-entity",
        X,
        lambda a: (
            f'<!DOCTYPE x [<!ENTITY e SYSTEM "{a}/e">]>\n{H}{A}<ex:p>&e;</ex:p></ex:T>{E}'.encode()
        ),
        "DOCTYPE",
        "DOCTYPE",
        "1:1",
    ),
    refused(
        "xml/external-dtd",
        X,
        lambda a: f'<!DOCTYPE rdf SYSTEM "{a}/d.dtd">\n{H}{E}'.encode(),
        "DOCTYPE",
        "DOCTYPE",
        "1:1",
    ),
    refused(
        "xml/file-entity",
        X,
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n{H}{A}<ex:p>&e;</ex:p></ex:T>{E}',
        "DOCTYPE",
        "DOCTYPE",
        "1:1",
    ),
    refused(
        "xml/parameter-entity",
        X,
        lambda a: f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{a}/p"> %p;]>\n{H}{E}'.encode(),
        "DOCTYPE",
        "DOCTYPE",
        "1:1",
    ),
    refused(
        "xml/utf16-doctype",
        X,
        (
            '<?xml version="1.0" encoding="UTF-16"?>\n<!DOCTYPE x [<!ENTITY a "b">]>\n' + H + E
        ).encode("utf-16"),
        "DOCTYPE",
        "DOCTYPE",
        "2:1",
    ),
    bad("cut-off", H + A + "<ex:p>x</ex:p>", "afkortet", "cut off", "2:"),
    bad("cut-off-in-tag", H + A + "<ex:p", "afkortet", "cut off", "2:"),
    bad("cut-off-in-text", H + A + "<ex:p>noget te", "afkortet", "cut off", "2:"),
    bad("cut-off-before-end", H + A + "<ex:p>x</ex:p></ex:T>\n", "afkortet", "cut off", "*"),
    bad("wrong-end-tag", H + A + "<ex:p>x</ex:q></ex:T>" + E, "slutmærke", "end tag", "2:"),
    bad(
        "crossed-tags",
        H + A + "<ex:p><ex:T></ex:p></ex:T></ex:T>" + E,
        "slutmærke",
        "end tag",
        "2:",
    ),
    bad("undeclared-prefix", H + A + "<foo:p>x</foo:p></ex:T>" + E, "xmlns", "xmlns", "2:"),
    bad("ampersand", H + A + "<ex:p>Bang & Olufsen</ex:p></ex:T>" + E, "&amp;", "&amp;", "2:"),
    bad("less-than", H + A + "<ex:p>1 < 2</ex:p></ex:T>" + E, "&lt;", "&lt;", "2:"),
    bad("html-entity", H + A + "<ex:p>n&aelig;rhed</ex:p></ex:T>" + E, "bogstavet", "letter", "2:"),
    bad(
        "attribute-twice",
        H + '<ex:T rdf:about="https://e.example/a" rdf:about="x"/>' + E,
        "attribut",
        "attribute",
        "2:",
    ),
    bad("unquoted-attribute", H + "<ex:T rdf:about=x/>" + E, "", "", "2:"),
    bad("relative-about", H + '<ex:T rdf:about="rel"/>' + E, "xml:base", "xml:base", "2:18"),
    bad(
        "relative-resource",
        H + A + '\n<ex:p rdf:resource="#x"/></ex:T>' + E,
        "xml:base",
        "xml:base",
        "3:21",
    ),
    bad("relative-id", H + '<ex:T rdf:ID="x"/>' + E, "xml:base", "xml:base", "2:15"),
    bad("space-in-iri", H + '<ex:T rdf:about="https://e.example/a b"/>' + E, "%20", "%20", "2:18"),
    bad("quote-in-iri", H + "<ex:T rdf:about='https://e.example/\"a'/>" + E, "%22", "%22", "2:18"),
    bad(
        "bad-datatype",
        H + A + '<ex:p rdf:datatype="date">x</ex:p></ex:T>' + E,
        "date",
        "date",
        "2:",
    ),
    bad("no-namespaces", "<a>\n<b/></a>", "", "", "*", mend=False),
    bad("nul", H + A + "<ex:p>\x00</ex:p></ex:T>" + E, "NUL", "NUL", "2:"),
    bad("control-character", H + A + "<ex:p>\x01</ex:p></ex:T>" + E, "XML", "XML", "2:"),
    bad("two-roots", H + E + H + E, "XML", "XML", "3:1"),
    bad("text-before", "x" + H + E, "", "", "*", mend=False),
    bad(
        "nested-10000",
        H + "<ex:T><ex:p>" * 10_000 + "</ex:p></ex:T>" * 10_000 + E,
        "100 niveauer",
        "100 levels",
        "2:",
    ),
    bad("nested-unclosed-100000", H + "<ex:T><ex:p>" * 100_000, "100 niveauer", "100 levels", "2:"),
    bad(
        "nested-literal-10000",
        H
        + A
        + '<ex:p rdf:parseType="Literal">'
        + "<b>" * 10_000
        + "</b>" * 10_000
        + "</ex:p></ex:T>"
        + E,
        "100 niveauer",
        "100 levels",
        "2:",
    ),
    bad("node-in-node", H + A + "<ex:p><ex:T/><ex:T/></ex:p></ex:T>" + E, "", "", "*", mend=False),
    bad(
        "bad-rdf-attribute",
        H + '<ex:T rdf:aboutEach="https://e.example/a"/>' + E,
        "",
        "",
        "*",
        mend=False,
    ),
    bad(
        "unknown-encoding",
        '<?xml version="1.0" encoding="EBCDIC-DK"?>\n' + H + E,
        "EBCDIC-DK",
        "EBCDIC-DK",
        "1",
    ),
    refused(
        "xml/html", X, "<!DOCTYPE html>\n<html><body>Ikke fundet</body></html>", "HTML", "HTML"
    ),
    refused(
        "xml/xhtml",
        X,
        '<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"/>',
        "HTML",
        "HTML",
    ),
    remark(
        "xml/javascript",
        X,
        H + A + '<ex:p rdf:resource="javascript:x"/></ex:T>' + E,
        "javascript",
        "javascript",
        "2:",
        severity="violation",
    ),
    remark(
        "xml/file-resource",
        X,
        H + A + '\n<ex:p rdf:resource="file:///etc/passwd"/></ex:T>' + E,
        "file:",
        "file:",
        "3:1",
        severity="violation",
    ),
    remark("xml/empty-rdf", X, H + E, "ingen udsagn", "no statements"),
    remark(
        "xml/utf16",
        X,
        ('<?xml version="1.0" encoding="UTF-16"?>\n' + H + A + "<ex:p>æ</ex:p></ex:T>" + E).encode(
            "utf-16"
        ),
        "UTF-16",
        "UTF-16",
    ),
    remark("xml/named-turtle", "f.ttl", H + A + "<ex:p>x</ex:p></ex:T>" + E, "RDF/XML", "RDF/XML"),
    remark(
        "xml/huge-text",
        X,
        H + A + "<ex:p>" + "x" * 500_000 + "</ex:p></ex:T>" + E,
        "500000 tegn",
        "500000 characters",
        "2:",
    ),
    quiet(
        "xml/latin-1",
        X,
        (
            '<?xml version="1.0" encoding="ISO-8859-1"?>\n' + H + A + "<ex:p>næ</ex:p></ex:T>" + E
        ).encode("latin-1"),
    ),
    quiet(
        "xml/windows-1252",
        X,
        (
            '<?xml version="1.0" encoding="windows-1252"?>\n'
            + H
            + A
            + "<ex:p>€ næ</ex:p></ex:T>"
            + E
        ).encode("cp1252"),
    ),
    quiet("xml/cdata", X, H + A + "<ex:p><![CDATA[1 < 2 & 3]]></ex:p></ex:T>" + E),
    quiet(
        "xml/with-base",
        X,
        H.replace("<rdf:RDF", '<rdf:RDF xml:base="https://e.example/"')
        + '<ex:T rdf:about="rel"/>'
        + E,
    ),
    quiet(
        "xml/stylesheet",
        X,
        '<?xml version="1.0"?>\n<?xml-stylesheet href="http://x/"?>\n'
        + H
        + A
        + "<ex:p>x</ex:p></ex:T>"
        + E,
    ),
    refused(
        "xml/declared-utf8-is-latin1",
        X,
        ('<?xml version="1.0" encoding="UTF-8"?>\n' + H + A + "<ex:p>næ</ex:p></ex:T>" + E).encode(
            "latin-1"
        ),
        "Windows-1252",
        "Windows-1252",
        "3:",
    ),
]
