#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look-ups (simulated) of names that mean something to a browser, a terminal, gnuplot, TeX,
Markdown or a spreadsheet, by two clients, as CSV on stdout: time,client,name."""
import random

NAMES = ["<script>alert(1)</script>.example", "<img/src=x/onerror=alert(1)>.example",
         "\u202egnp.exe.example", "a\u200bb.example", "`touch${IFS}pwned`.example",
         "\\input{/etc/passwd}.example", "\\end{document}$x_1^2$&#%~.example", "=cmd|calc!a1.example",
         "[x](javascript:alert(1)).example", "a|b|c.example", "';!touch${IFS}pwned;'.example",
         "http://www.evil.example", "{{7*7}}.example", "&lt;b&gt;.example", "--.example",
         ".".join(["a" * 63] * 3 + ["b" * 57, "com"])]


def main():
    draw = random.Random(6)
    rows = [(draw.randrange(86400 * 30), client, name)
            for client in ("192.0.2.1", "192.0.2.2") for name in NAMES for _ in range(40)]
    print("time,client,name")
    for second, client, name in sorted(rows):
        print(f'{1462060800 + second},{client},"{name}"')


main()
