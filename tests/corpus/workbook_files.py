"""Bad and odd XLSX. The archives are put together by hand: no program would write them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from case import Case, quiet, refused, remark
from table_files import HEAD, ROW

F = "f.xlsx"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MB = 1_000_000


def letters(number: int) -> str:
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def cell(row: int, column: int, text: str) -> str:
    return f'<c r="{letters(column)}{row}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def line(number: int, cells: Iterable[str], more: str = "") -> str:
    inside = "".join(cell(number, column, text) for column, text in enumerate(cells, 1) if text)
    return f'<row r="{number}"{more}>{inside}</row>'


def sheet(rows: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


GOOD = line(1, HEAD) + line(2, ROW)


def parts(sheets: Mapping[str, str], *, states: Mapping[str, str] | None = None) -> dict[str, str]:
    """The parts of a workbook; ``sheets``: name → its XML."""
    states = states or {}
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"'
        + (f' state="{states[name]}"' if name in states else "")
        + "/>"
        for i, name in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{i}" Type="{REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    typed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="application/vnd.'
        'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default '
        'Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        f"{typed}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{listed}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}'
        "</Relationships>",
        **{f"xl/worksheets/sheet{i}.xml": xml for i, xml in enumerate(sheets.values(), 1)},
    }


def packed(content: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return file.getvalue()


def book(rows: str = GOOD, before: str = "", after: str = "", **more: str) -> bytes:
    return packed(parts({"Ark1": sheet(rows, before, after)}) | more)


def changed(name: str, content: str | bytes | None) -> bytes:
    """A good workbook with one part replaced, or left out."""
    whole: dict[str, str | bytes] = dict(parts({"Ark1": sheet(GOOD)}))
    if content is None:
        del whole[name]
    else:
        whole[name] = content
    return packed(whole)


def with_cell(column: str, xml: str) -> bytes:
    """One record that has ``xml`` in the place of the cell under ``column``."""
    at = HEAD.index(column) + 1
    own = cell(2, at, ROW[at - 1])
    return book(GOOD.replace(own, f'<c r="{letters(at)}2"{xml}'))


def bomb(size: int) -> bytes:
    """A sheet that is ``size`` bytes large when it is inflated, of blanks, made without them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # After a full flush nothing refers to what was before, so that the block may stand many times.
    block = packer.compress(b" " * MB) + packer.flush(zlib.Z_FULL_FLUSH)
    body = block * (size // MB) + packer.flush()
    good = changed("xl/worksheets/sheet1.xml", None)
    return _with_raw_part(good, "xl/worksheets/sheet1.xml", body, size // MB * MB)


def _with_raw_part(archive: bytes, name: str, body: bytes, size: int) -> bytes:
    """``archive`` with one more part, whose deflated bytes are given."""
    end = archive.rindex(b"PK\x05\x06")
    count, directory_size, at = struct.unpack_from("<HII", archive, end + 10)
    title = name.encode()
    fields = struct.pack("<HHHHHIII", 20, 0, 8, 0, 0, 0, len(body), size)
    local = b"PK\x03\x04" + fields + struct.pack("<HH", len(title), 0) + title + body
    central = (
        b"PK\x01\x02"
        + struct.pack("<H", 20)
        + fields
        + struct.pack("<HHHHHII", len(title), 0, 0, 0, 0, 0, at)
        + title
    )
    directory = archive[at : at + directory_size] + central
    tail = struct.pack("<HHHHIIH", 0, 0, count + 1, count + 1, len(directory), at + len(local), 0)
    return archive[:at] + local + directory + b"PK\x05\x06" + tail


def million_rows() -> bytes:
    rows = "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(3, 1_000_003))
    return book(GOOD + rows)


def wide() -> bytes:
    return book(line(1, (*HEAD, *(f"k{i}" for i in range(5000)))) + line(2, ROW))


DTD = '<!DOCTYPE x [<!ENTITY a "b">]>'
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    "</styleSheet>"
)

CASES: list[Case] = [
    quiet("xlsx/good", F, book()),
    quiet("xlsx/named-csv-is-said", "f.xlsx", book()),
    remark("xlsx/named-csv", "f.csv", book(), "XLSX", "XLSX"),
    remark("xlsx/named-turtle", "f.ttl", book(), "XLSX", "XLSX"),
    refused("xlsx/cut-in-half", F, book()[: len(book()) // 2], "beskadiget", "damaged"),
    refused("xlsx/cut-at-end", F, book()[:-10], "beskadiget", "damaged"),
    refused("xlsx/only-start", F, book()[:40], "beskadiget", "damaged"),
    refused("xlsx/bytes-flipped", F, book().replace(b"\x00\x00\x00", b"\xff\x00\x00"), "", "", "*"),
    refused("xlsx/empty-archive", F, b"PK\x05\x06" + bytes(18), "", "", "*"),
    refused("xlsx/bomb-100-mb", F, lambda _: bomb(100 * MB), "indeni", "bigger inside", seconds=30),
    refused("xlsx/bomb-4-gb", F, lambda _: bomb(4000 * MB), "indeni", "bigger inside", seconds=60),
    refused(
        "xlsx/bomb-shared-strings",
        F,
        lambda _: changed("xl/sharedStrings.xml", b"<sst>" + b"<si><t>x</t></si>" * 20_000_000),
        "indeni",
        "bigger inside",
        seconds=120,
    ),
    refused(
        "xlsx/many-parts",
        F,
        lambda _: packed(
            dict(parts({"Ark1": sheet(GOOD)})) | {f"x/{i}.xml": "" for i in range(5000)}
        ),
        "",
        "",
        "*",
        seconds=30,
    ),
    refused(
        "xlsx/doctype-in-sheet",
        F,
        changed("xl/worksheets/sheet1.xml", DTD + sheet(GOOD)),
        "DOCTYPE",
        "DOCTYPE",
    ),
    refused(
        "xlsx/doctype-in-workbook",
        F,
        changed("xl/workbook.xml", DTD + parts({"Ark1": ""})["xl/workbook.xml"]),
        "DOCTYPE",
        "DOCTYPE",
    ),
    refused(
        "xlsx/entity-bomb",
        F,
        changed(
            "xl/worksheets/sheet1.xml",
            "<!DOCTYPE x [<!ENTITY a "
            '"aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
            + sheet(line(1, HEAD).replace("titel (dansk)", "&b;")),
        ),
        "DOCTYPE",
        "DOCTYPE",
    ),
    refused(
        "xlsx/external-entity",
        F,
        lambda a: changed(
            "xl/worksheets/sheet1.xml", f'<!DOCTYPE x [<!ENTITY e SYSTEM "{a}/e">]>' + sheet(GOOD)
        ),
        "DOCTYPE",
        "DOCTYPE",
    ),
    refused(
        "xlsx/utf16-doctype",
        F,
        changed(
            "xl/worksheets/sheet1.xml",
            ('<?xml version="1.0" encoding="UTF-16"?>' + DTD + sheet(GOOD)).encode("utf-16"),
        ),
        "",
        "",
    ),
    refused("xlsx/no-workbook", F, changed("xl/workbook.xml", None), "", ""),
    refused("xlsx/no-sheet-part", F, changed("xl/worksheets/sheet1.xml", None), "", ""),
    refused("xlsx/no-relations", F, changed("xl/_rels/workbook.xml.rels", None), "", ""),
    refused(
        "xlsx/broken-sheet",
        F,
        changed("xl/worksheets/sheet1.xml", sheet(GOOD)[:-30]),
        "beskadiget",
        "damaged",
    ),
    refused(
        "xlsx/broken-workbook", F, changed("xl/workbook.xml", "<workbook"), "beskadiget", "damaged"
    ),
    refused(
        "xlsx/not-xml",
        F,
        changed("xl/worksheets/sheet1.xml", b"\x00\x01\x02" * 100),
        "beskadiget",
        "damaged",
    ),
    refused(
        "xlsx/part-twice",
        F,
        _with_raw_part(book(), "xl/worksheets/sheet1.xml", b"\x03\x00", 0),
        "beskadiget",
        "damaged",
    ),
    refused(
        "xlsx/password",
        F,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(500)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(100),
        "",
        "",
        mend=True,
    ),
    refused("xlsx/macros", "f.xlsm", changed("xl/vbaProject.bin", b"x"), "makroer", "macros"),
    refused("xlsx/binary", "f.xlsb", packed({"xl/workbook.bin": b"x"}), ".xlsb", ".xlsb"),
    refused("xlsx/million-rows", F, lambda _: million_rows(), "rækker", "rows", seconds=60),
    refused("xlsx/too-wide", F, lambda _: wide(), "kolonner", "columns", "*", seconds=30),
    refused(
        "xlsx/too-many-sheets",
        F,
        packed(parts({f"Ark{i}": sheet(GOOD) for i in range(1, 101)})),
        "ark",
        "sheets",
    ),
    refused("xlsx/empty-sheet", F, book(""), "tom", "empty"),
    refused("xlsx/no-head", F, book(line(1, ROW)), "kolonner", "columns"),
    refused(
        "xlsx/row-number-of-text", F, book(GOOD.replace('<row r="2"', '<row r="to"')), "", "", "*"
    ),
    refused("xlsx/bad-cell-name", F, book(GOOD.replace('r="A2"', 'r="2A"')), "", "", "*"),
    refused(
        "xlsx/bad-merge",
        F,
        book(after='<mergeCells><mergeCell ref="A1:"/></mergeCells>'),
        "beskadiget",
        "damaged",
    ),
    remark(
        "xlsx/merged-columns",
        F,
        book(after='<mergeCells><mergeCell ref="B:C"/></mergeCells>'),
        "flettet",
        "merged",
        "*",
    ),
    quiet("xlsx/huge-dimension", F, book(before='<dimension ref="A1:XFD1048576"/>')),
    quiet("xlsx/last-row", F, book(GOOD + line(1_048_576, ("proeve-2", *ROW[1:])))),
    quiet("xlsx/huge-row-number", F, book(GOOD + line(999_999_999_999, ("proeve-2", *ROW[1:])))),
    remark(
        "xlsx/merged-cells",
        F,
        book(after='<mergeCells><mergeCell ref="B2:C2"/></mergeCells>'),
        "flettet",
        "merged",
        "*",
    ),
    remark(
        "xlsx/merged-everything",
        F,
        book(after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        "flettet",
        "merged",
        "*",
    ),
    remark(
        "xlsx/formula-without-value",
        F,
        with_cell("beskrivelse (dansk)", "><f>A1&amp;B1</f></c>"),
        "formel",
        "formula",
        "Ark1!D2",
    ),
    remark(
        "xlsx/formula-with-value",
        F,
        with_cell("beskrivelse (dansk)", ' t="str"><f>WEBSERVICE("http://x/")</f><v>Hej</v></c>'),
        "formel",
        "formula",
        "Ark1!D2",
    ),
    remark(
        "xlsx/error-value",
        F,
        with_cell("rolle", ' t="e"><v>#REF!</v></c>'),
        "#REF!",
        "#REF!",
        "Ark1!F2",
    ),
    remark(
        "xlsx/hidden-row",
        F,
        book(line(1, HEAD) + line(2, ROW, ' hidden="1"')),
        "skjult",
        "hidden",
        "*",
    ),
    remark(
        "xlsx/hidden-column",
        F,
        book(before='<cols><col min="2" max="2" hidden="1"/></cols>'),
        "skjult",
        "hidden",
        "*",
    ),
    remark(
        "xlsx/hidden-sheet",
        F,
        packed(
            parts(
                {
                    "Ark1": sheet(GOOD),
                    "Gemt": sheet(line(1, HEAD) + line(2, ("proeve-9", *ROW[1:]))),
                },
                states={"Gemt": "hidden"},
            )
        ),
        "skjult",
        "hidden",
        "*",
    ),
    remark(
        "xlsx/very-hidden-sheet",
        F,
        packed(
            parts(
                {
                    "Ark1": sheet(GOOD),
                    "Gemt": sheet(line(1, HEAD) + line(2, ("proeve-9", *ROW[1:]))),
                },
                states={"Gemt": "veryHidden"},
            )
        ),
        "skjult",
        "hidden",
        "*",
    ),
    remark(
        "xlsx/other-sheet",
        F,
        packed(parts({"Ark1": sheet(GOOD), "Noter": sheet(line(1, ("Husk at spørge Bo",)))})),
        "kolonner",
        "columns",
        "Noter!A1",
    ),
    remark(
        "xlsx/unknown-column",
        F,
        book(line(1, (*HEAD, "farve")) + line(2, (*ROW, "rød"))),
        "farve",
        "farve",
        "Ark1!J1",
    ),
    remark(
        "xlsx/duplicate-column",
        F,
        book(line(1, (*HEAD, "titel (dansk)")) + line(2, (*ROW, "x"))),
        "titel (dansk)",
        "titel (dansk)",
        "*",
    ),
    remark(
        "xlsx/unknown-code",
        F,
        with_cell("rolle", ' t="inlineStr"><is><t>Trold</t></is></c>'),
        "Trold",
        "Trold",
        "Ark1!F2",
    ),
    remark("xlsx/number-for-code", F, with_cell("rolle", "><v>7</v></c>"), "7", "7", "Ark1!F2"),
    remark(
        "xlsx/javascript",
        F,
        with_cell("deltager", ' t="inlineStr"><is><t>javascript:alert(1)</t></is></c>'),
        "javascript",
        "javascript",
        "Ark1!I2",
    ),
    remark(
        "xlsx/date-for-code",
        F,
        packed(
            parts(
                {
                    "Ark1": sheet(
                        GOOD.replace(cell(2, 6, ROW[5]), '<c r="F2" s="1"><v>45000</v></c>')
                    )
                }
            )
            | {"xl/styles.xml": STYLES}
        ),
        "",
        "",
        "Ark1!F2",
    ),
    remark(
        "xlsx/external-links",
        F,
        lambda a: book(**{"xl/externalLinks/externalLink1.xml": f'<x><a href="{a}/x"/></x>'}),
        "andre filer",
        "other files",
    ),
    remark(
        "xlsx/same-identifier",
        F,
        book(GOOD + line(3, (ROW[0], "Opdigtet: En anden", *ROW[2:]))),
        "identifikator",
        "identifier",
        "Ark1!A3",
    ),
    remark("xlsx/row-twice", F, book(GOOD + line(3, ROW)), "række 2", "row 2", "Ark1!A3"),
    quiet(
        "xlsx/external-relation",
        F,
        lambda a: changed(
            "xl/_rels/workbook.xml.rels",
            parts({"Ark1": ""})["xl/_rels/workbook.xml.rels"].replace(
                "</Relationships>",
                f'<Relationship Id="x" Type="{REL}/image" Target="{a}/i" TargetMode="External"/>'
                "</Relationships>",
            ),
        ),
    ),
    quiet(
        "xlsx/shared-index-out-of-range", F, with_cell("titel (engelsk)", ' t="s"><v>99</v></c>')
    ),
    quiet("xlsx/huge-number", F, with_cell("titel (engelsk)", "><v>1e999999</v></c>")),
    quiet("xlsx/path-outside", F, changed("../../etc/passwd", "x")),
]
