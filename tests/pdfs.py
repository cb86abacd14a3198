"""Documents that are none: broken, empty, locked, and made to take all the memory there is."""

from __future__ import annotations

import zlib
from io import BytesIO

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

MANY = 501


def pdf_of(*objects: bytes) -> bytes:
    """Return a PDF of these numbered objects, the first of which is the catalogue."""
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Root 1 0 R/Size %d>>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def pdf_with(pages: int, *, side: int = 595, content: bytes = b"") -> bytes:
    """Return a PDF of so many pages, each the same, ``side`` points wide and high."""
    kids = b" ".join(b"%d 0 R" % (number + 4) for number in range(pages))
    box = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 3 0 R>>" % (side, side)
    packed = zlib.compress(content, 9)
    stream = b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed)
    tree = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages)
    return pdf_of(b"<</Type/Catalog/Pages 2 0 R>>", tree, stream, *[box] * pages)


def locked_pdf(*, user: str = "secret") -> bytes:
    """Return a PDF that wants a password, or with ``user`` empty one that forbids to print it."""
    lock = StandardEncryption(user, ownerPassword="owner", canPrint=0, strength=128)
    out = BytesIO()
    canvas = Canvas(out, encrypt=lock)
    canvas.drawString(72, 700, "Hola")
    canvas.save()
    return out.getvalue()


def turning_pdf() -> bytes:
    """Return a PDF whose tree of pages leads back into itself."""
    return pdf_of(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>")


BROKEN = {
    "empty": b"",
    "text": b"Hola\n",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "no pages": pdf_with(0),
    "too many pages": pdf_with(MANY),
    "turning": turning_pdf(),
}
