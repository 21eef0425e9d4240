import json
import psycopg2


def load(path):
    with open(path) as f:
        return json.load(f)


def returned(path):
    f = open(path)
    return f


class Reader:
    def __init__(self, path):
        self.f = open(path)


def rows(dsn):
    conn = psycopg2.connect(dsn)
    try:
        cur = conn.cursor()
        cur.execute("select 1")
        return cur.fetchall()
    finally:
        conn.close()


def within(dsn):
    conn = psycopg2.connect(dsn)
    with conn:
        conn.cursor().execute("select 1")


def passed(path):
    f = open(path)
    return Wrapper(f)


def generator(path):
    f = open(path)
    yield f


def cursor(dsn):
    connection = psycopg2.connect(dsn)
    return connection.cursor()
