#!/usr/bin/python3
"""Makes letters.gz, the letters that stickers are drawn with, from Noto Sans CJK SC Bold (Debian: fonts-noto-cjk, python3-fonttools).

Usage: letters.py TABLE > letters.gz. TABLE names, in any order, the characters of the Table of General Standard Chinese Characters of
2013 (8,105 of them); those of GB 2312, Latin letters with their marks, and usual signs are added. Each line of what is made is a
letter, how far it goes, and its outline as a PDF draws it, in thousandths of its size. The same font makes the same bytes.
"""

import gzip
import io
import sys

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTCollection

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
NAME = "Noto Sans CJK SC"
SIGNS = "\u3000·—–…‘’“”、。《》〈〉「」『』【】〔〕々〇€£¥₩№℃←→↑↓□○●◎△▲☆★"


class Outline(BasePen):
    """Draws in the operators of a PDF."""

    def __init__(self, glyphs):
        super().__init__(glyphs)
        self.drawn = []

    def say(self, operator, *points):
        self.drawn.append(" ".join([str(round(n)) for point in points for n in point] + [operator]))

    def _moveTo(self, to):
        self.say("m", to)

    def _lineTo(self, to):
        self.say("l", to)

    def _curveToOne(self, a, b, to):
        self.say("c", a, b, to)

    def _closePath(self):
        self.say("h")


def wanted(table):
    letters = {chr(n) for n in range(0xA1, 0x180)} | {chr(n) for n in range(0xFF01, 0xFF5F)} | {chr(n) for n in range(0x2460, 0x2474)} | set(SIGNS)
    for row in range(0xB0, 0xF8):
        for column in range(0xA1, 0xFF):
            letters.add(bytes([row, column]).decode("gb2312", errors="ignore"))
    letters |= {c for c in table if ord(c) >= 0x2E80}
    return sorted(letters - {""})


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        letters = wanted(f.read())
    font = next(f for f in TTCollection(FONT).fonts if f["name"].getDebugName(1) == NAME)
    glyphs, chosen, out = font.getGlyphSet(), font.getBestCmap(), io.StringIO()
    for letter in letters:
        if ord(letter) not in chosen:
            continue
        name = chosen[ord(letter)]
        pen = Outline(glyphs)
        glyphs[name].draw(pen)
        out.write(f"{letter} {font['hmtx'][name][0]} {' '.join(pen.drawn)}\n")
    sys.stdout.buffer.write(gzip.compress(out.getvalue().encode(), 9, mtime=0))


main()
