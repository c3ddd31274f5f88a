#!/usr/bin/env python3
"""Draws how fast generating goes after longer and longer contexts.

    benchmarks/draw_context.py docs/results/context.csv docs/pictures/context.svg

The table has a column of context lengths and one column for each program, in tokens a second;
benchmarks/rivals/run.sh context measures them.
"""

import csv
import math
import sys

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 34, 44
COLOURS = ["#1f6feb", "#d1622b", "#4c9a52"]
TEXT = 'font-family="sans-serif" font-size="12" fill="#57606a"'


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    names = rows[0][1:]
    lengths = [int(row[0]) for row in rows[1:]]
    return lengths, {name: [float(row[i + 1]) for row in rows[1:]] for i, name in enumerate(names)}


def nice_top(largest):
    """The next whole multiple of its power of ten."""
    step = 10 ** math.floor(math.log10(largest))
    return math.ceil(largest / step) * step


def draw(lengths, series):
    top = nice_top(max(max(values) for values in series.values()))
    low, high = math.log2(lengths[0]), math.log2(lengths[-1])

    def x(length):
        return LEFT + (math.log2(length) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(value):
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
    for i in range(6):
        value = top * i / 5
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}"'
                     f' y2="{y(value):.1f}" stroke="#d8dee4"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end" {TEXT}>'
                     f"{value:g}</text>")
    for length in lengths:
        parts.append(f'<text x="{x(length):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle"'
                     f" {TEXT}>{length:,}</text>")
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle"'
                 f" {TEXT}>tokens of context</text>")
    parts.append(f'<text x="{LEFT}" y="16" {TEXT}>tokens a second</text>')
    for colour, (name, values) in zip(COLOURS, series.items()):
        points = [(x(length), y(value)) for length, value in zip(lengths, values)]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        parts.append(f'<text x="{points[-1][0] + 8:.1f}" y="{points[-1][1] + 4:.1f}" {TEXT}>'
                     f"{name}</text>")
    return "\n".join(parts + ["</svg>"]) + "\n"


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: draw_context.py TABLE.csv PICTURE.svg")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(draw(*read(sys.argv[1])))


if __name__ == "__main__":
    main()
