#!/usr/bin/env python3
"""Writes records into a real InfluxDB, one by one, and asks for each of them again.

    influxdb.py PORT LINES RECORDS

LINES is line protocol, RECORDS the same records as JSON lines. Every value of a record must come back
as it was: numbers as numbers, text as text, tags among them, list members as list_0_member.
"""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime

base = f"http://127.0.0.1:{sys.argv[1]}"


def call(path, body=None, **parameters):
    url = f"{base}{path}?{urllib.parse.urlencode(parameters)}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        sys.exit(f"{body!r}: {error.code} {error.read().decode()}")


def query(words):
    method = b"" if words.startswith("CREATE") else None
    return json.loads(call("/query", method, db="energy", q=words)[1])["results"][0]


def flat(name, value, out):
    if isinstance(value, dict):
        for key, member in value.items():
            flat(f"{name}_{key}" if name else key, member, out)
    elif isinstance(value, list):
        for i, member in enumerate(value):
            flat(f"{name}_{i}", member, out)
    elif value is not None:
        out[name] = value


def main():
    query("CREATE DATABASE energy")
    lines, records = ([line.rstrip("\n") for line in open(path, encoding="utf-8")] for path in sys.argv[2:])
    assert len(lines) == len(records) > 0, (len(lines), len(records))
    for line, record in zip(lines, map(json.loads, records)):
        expected = {}
        flat("", {k: v for k, v in record.items() if k not in ("type", "time")}, expected)
        query(f'DROP MEASUREMENT "{record["type"]}"')
        status, _ = call("/write", line.encode(), db="energy")
        assert status == 204
        series = query(f'SELECT * FROM "{record["type"]}"')["series"][0]
        row = dict(zip(series["columns"], series["values"][0]))
        stamp = row.pop("time")
        if "time" not in record and record.get("meter_time", "").endswith(":00"):
            assert datetime.fromisoformat(stamp) == datetime.fromisoformat(record["meter_time"])
        for name in expected.keys() | row.keys():
            want, got = expected.get(name), row.get(name)
            if isinstance(got, str) and not isinstance(want, (str, type(None))):
                want = str(want)  # a tag
            assert want == got, (name, want, got, line)
    # and all in one batch, as a field must not change its type from record to record
    call("/write", "\n".join(lines).encode(), db="energy")
    print(len(lines))


main()
