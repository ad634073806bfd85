#!/usr/bin/python3
"""The nearest that Debian has to a reader of C-DNS: cbor2, and the keys of RFC 8618.

usage: cdns.py FILE

Prints how many pairs of client and name were asked for, as the other peers of
formats.sh do.
"""
import sys

import cbor2

HAS_QUERY = 1


def main(path):
    with open(path, "rb") as f:
        _, _, blocks = cbor2.load(f)
    pairs = {}
    for block in blocks:
        addresses, names, signatures = (block[2][key] for key in (0, 2, 3))
        for item in block[3]:
            if signatures[item[4]][4] & HAS_QUERY:
                pair = addresses[item[1]], names[item[7]] if 7 in item else b""
                pairs[pair] = pairs.get(pair, 0) + 1
    print(len(pairs))


if __name__ == "__main__":
    main(*sys.argv[1:])
