"""Bad and odd CSV."""

from __future__ import annotations

from case import Case, quiet, refused, remark

F = "f.csv"
HEAD = (
    "identifikator",
    "titel (dansk)",
    "titel (engelsk)",
    "beskrivelse (dansk)",
    "beskrivelse (engelsk)",
    "rolle",
    "arbejdsmetode",
    "ønsket forandring",
    "deltager",
)
ROW = (
    "proeve-1",
    "Opdigtet: Prøve",
    "Invented: Trial",
    "En opdigtet aktivitet.",
    "An invented activity.",
    "Vidensallieret",
    "dialog",
    "V1",
    "Odense",
)


def table(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD, by: str = ";") -> str:
    return "".join(by.join(row) + "\r\n" for row in (head, *(rows or (ROW,))))


def with_cell(column: str, text: str) -> str:
    """One row that has ``text`` under ``column``."""
    at = HEAD.index(column)
    return table((*ROW[:at], text, *ROW[at + 1 :]))


CASES: list[Case] = [
    quiet("csv/good", F, table()),
    quiet("csv/commas", F, table(by=",")),
    quiet("csv/tabs", F, table(by="\t")),
    quiet("csv/bom", F, table().encode("utf-8-sig")),
    quiet("csv/sep-line", F, "sep=;\r\n" + table()),
    quiet(
        "csv/english-head",
        F,
        table(ROW[:3], head=("identifier", "title (Danish)", "title (English)")),
    ),
    remark("csv/windows-1252", F, table().encode("cp1252"), "Windows-1252", "Windows-1252"),
    remark("csv/utf16", F, table().encode("utf-16"), "UTF-16", "UTF-16"),
    remark(
        "csv/mixed-encodings",
        F,
        table().encode() + ";".join(("proeve-2", *ROW[1:])).encode("cp1252"),
        "Windows-1252",
        "Windows-1252",
    ),
    remark("csv/twice-encoded", F, table().encode().decode("cp1252").encode(), "Ã", "Ã"),
    remark(
        "csv/unknown-column", F, table((*ROW, "x"), head=(*HEAD, "farve")), "farve", "farve", "J1"
    ),
    remark(
        "csv/duplicate-column",
        F,
        table((*ROW, "x"), head=(*HEAD, "titel (dansk)")),
        "titel (dansk)",
        "titel (dansk)",
        "*",
    ),
    remark(
        "csv/misspelt-column", F, table(head=(*HEAD[:-1], "deltagre")), "deltager", "deltager", "I1"
    ),
    remark(
        "csv/unknown-code",
        F,
        with_cell("rolle", "Trylleruller"),
        "Trylleruller",
        "Trylleruller",
        "F2",
    ),
    remark("csv/misspelt-code", F, with_cell("arbejdsmetode", "dialgo"), "dialog", "dialog", "G2"),
    remark(
        "csv/unknown-organisation",
        F,
        with_cell("deltager", "Langtbortistan"),
        "Langtbortistan",
        "Langtbortistan",
        "I2",
    ),
    remark(
        "csv/javascript-link",
        F,
        with_cell("deltager", "javascript:alert(1)"),
        "javascript",
        "javascript",
        "I2",
    ),
    remark("csv/iri-with-space", F, with_cell("deltager", "https://e.example/a b"), "", "", "I2"),
    remark(
        "csv/missing-identifier",
        F,
        with_cell("identifikator", ""),
        "identifikator",
        "identifier",
        "A2",
    ),
    remark(
        "csv/duplicate-identifier",
        F,
        table(ROW, (ROW[0], "Opdigtet: En anden", *ROW[2:])),
        "identifikator",
        "identifier",
        "A3",
    ),
    remark("csv/row-twice", F, table(ROW, ROW), "række 2", "row 2", "A3"),
    remark("csv/only-head", F, table().split("\r\n")[0] + "\r\n", "ingen poster", "no records"),
    refused("csv/no-head", F, ";".join(ROW) + "\r\n", "kolonner", "columns"),
    refused("csv/other-table", F, "navn;alder\nBo;7\n", "kolonner", "columns"),
    refused("csv/numbers", F, "1;2;3\n4;5;6\n", "kolonner", "columns"),
    refused(
        "csv/unclosed-quote", F, table() + '"proeve-2;x', "anførselstegn", "quotation mark", "3"
    ),
    refused(
        "csv/text-after-quote",
        F,
        table() + '"proeve-2"x;y\r\n',
        "anførselstegn",
        "quotation mark",
        "3",
    ),
    refused("csv/nul", F, table() + "proe\x00ve;x\r\n", "NUL", "NUL", "3:5"),
    refused("csv/huge-cell", F, with_cell("beskrivelse (dansk)", "x" * 500_000), "", "", "*"),
    refused(
        "csv/too-many-columns",
        F,
        table((*ROW, *["x"] * 2000), head=(*HEAD, *(f"k{i}" for i in range(2000)))),
        "kolonner",
        "columns",
        "*",
    ),
    refused(
        "csv/too-many-rows",
        F,
        lambda _: (table() + "x;y\r\n" * 200_000).encode(),
        "rækker",
        "rows",
        seconds=60,
    ),
    refused(
        "csv/million-rows",
        F,
        lambda _: (table() + "x;y\r\n" * 1_000_000).encode(),
        "rækker",
        "rows",
        seconds=60,
    ),
    refused("csv/many-quotes", F, lambda _: b'"' * 1_000_000, "", "", "*", seconds=30),
    refused("csv/one-long-line", F, lambda _: b";" * 5_000_000, "", "", "*", seconds=60),
    refused("csv/cut-off-in-quotes", F, (table() + '"proeve-2";"noget').encode()[:-3], "", "", "*"),
    quiet("csv/formula-like", F, with_cell("beskrivelse (dansk)", "=1+1 er to")),
    quiet("csv/blank-rows", F, table() + "\r\n;;;\r\n"),
    quiet("csv/short-row", F, table(("proeve-1", "Opdigtet: Prøve"))),
    quiet("csv/old-mac-lines", F, table().replace("\r\n", "\r")),
    remark("csv/named-turtle", "f.ttl", table(), "CSV", "CSV"),
    quiet("csv/named-txt", "f.txt", table()),
]
