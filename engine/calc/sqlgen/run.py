# Runs SQL in a ClickHouse within the process (chdb) and writes results as CSV. Arguments: a folder for its tables, and a file:
# a JSON object of "statements", a list of texts, and "results", a list of pairs of a query and a file.
import json
import sys

from chdb.session import Session

folder, script = sys.argv[1:]
with open(script, encoding="utf-8") as f:
    work = json.load(f)
session = Session(folder)


def run(statement, form):
    try:
        return session.query(statement, form)
    except Exception as error:  # whatever it is, the statement is what a person has to see
        sys.exit(f"{error}\nin: {statement[:2000]}")


for statement in work["statements"]:
    run(statement, "CSV")
for query, path in work["results"]:
    with open(path, "wb") as f:
        f.write(run(query, "CSVWithNames").bytes())
