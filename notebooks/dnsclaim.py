# SPDX-License-Identifier: GPL-3.0-or-later
"""Data frames from a case file and from the results of a test. Reads only.

    import dnsclaim
    dnsclaim.run("ingest", "-o", "case.db", "log.csv")
    case = dnsclaim.Case("case.db")
    case.pairs()                          # one row a client, name and type
    case.counts(name="mail1.example")     # one row an occupied tick
    dnsclaim.scores("scan.tsv")           # what `scan` found: two rows a pair
    dnsclaim.verdicts(dnsclaim.results("report"))

The program is taken from $DNSCLAIM, else from ../build/release/dnsclaim.
"""
import json
import os
import pathlib
import sqlite3
import subprocess

import pandas as pd

PROGRAM = os.environ.get("DNSCLAIM", "../build/release/dnsclaim")


def run(*arguments):
    """Run the program; its output as text. What it says when it fails is raised."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"dnsclaim {' '.join(map(str, arguments))}: exit {done.returncode}\n"
                           f"{done.stderr}")
    return done.stdout


def varints(blob):
    """Little-endian base 128 numbers, as in protocol buffers."""
    value = shift = 0
    for byte in blob:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def series(blob, first):
    """(tick, count) of each occupied tick: pairs of varints, gap to the tick before and count."""
    numbers, tick = varints(blob), first
    for gap, count in zip(numbers, numbers):
        tick += gap
        yield tick, count


def at(ns):
    """Nanoseconds since 1970 as UTC times."""
    return pd.to_datetime(ns, unit="ns", utc=True)


class Case:
    """A case file, opened for reading."""

    def __init__(self, path):
        uri = pathlib.Path(path).resolve().as_uri() + "?mode=ro"
        self.db = sqlite3.connect(uri, uri=True)
        self.meta = dict(self.db.execute("SELECT key, value FROM meta"))
        self.tick_ns = int(self.meta["tick_ns"])

    def sql(self, query, parameters=()):
        return pd.read_sql_query(query, self.db, params=parameters)

    def live(self):
        """When the sensor listened: [from, to), and whether that was given or inferred."""
        frame = self.sql('SELECT from_ns AS "from", to_ns AS "to", why FROM live ORDER BY from_ns')
        return frame.assign(**{"from": at(frame["from"]), "to": at(frame["to"])})

    def pairs(self):
        """One row a client, name and type, most look-ups first."""
        frame = self.sql("SELECT client, name, qtype, total, duplicates, first, last FROM readable "
                         "ORDER BY total DESC, client, name")
        return frame.assign(first=at(frame["first"] * self.tick_ns),
                            last=at(frame["last"] * self.tick_ns))

    def counts(self, client=None, name=None):
        """One row an occupied tick of the pairs of a client, of a name, of both, or of all."""
        rows = self.db.execute(
            "SELECT c.text, n.text, p.qtype, p.first, p.series FROM pair p "
            "JOIN client c ON c.id = p.client JOIN name n ON n.id = p.name "
            "WHERE (?1 IS NULL OR c.text = ?1) AND (?2 IS NULL OR n.text = ?2)", (client, name))
        frame = pd.DataFrame(
            [(c, n, q, tick * self.tick_ns, count)
             for c, n, q, first, blob in rows for tick, count in series(blob, first)],
            columns=["client", "name", "qtype", "time", "count"])
        return frame.assign(time=at(frame["time"])).sort_values(
            ["time", "client", "name"], ignore_index=True)


def session_starts(times, gap="30s"):
    """Starts of runs of look-ups no further apart than `gap`."""
    times = pd.Series(times).sort_values(ignore_index=True)
    return times[times.diff().isna() | (times.diff() > pd.Timedelta(gap))].reset_index(drop=True)


def scores(path):
    """What `scan -o FILE` wrote: two rows a pair, numbers as numbers."""
    frame = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    texts = {"client", "name", "kind", "model", "when", "state"}
    for column in frame.columns.difference(texts):
        frame[column] = pd.to_numeric(frame[column], errors="coerce")
    return frame


def results(directory):
    """results.json of a test."""
    return json.loads((pathlib.Path(directory) / "results.json").read_text())


def verdicts(result):
    """One row a claim."""
    return pd.DataFrame([{
        "claim": c["id"], "verdict": c["verdict"], "why": c["why"], "effect": c["effect"]["name"],
        "claimed": f'{c["direction"]} {c["effect_claimed"]:g}', "value": c["effect"]["value"],
        "lo": c["effect"]["lo"], "hi": c["effect"]["hi"]} for c in result["claims"]])


def nulls(result):
    """One row an innocent explanation of each claim."""
    return pd.DataFrame([{
        "claim": c["id"], "explanation": n["id"], "role": n["role"], "verdict": n["verdict"],
        "why": n["why"], "p": n["p"], "p after the search": n["p_adjusted"], "bound": n["u"]}
        for c in result["claims"] for n in c["nulls"]])
