import json
import psycopg2
from concurrent.futures import ThreadPoolExecutor


def load(path):
    f = open(path)  # want: res.python-close
    data = json.load(f)
    f.close()
    return data


def rows(dsn):
    conn = psycopg2.connect(dsn)  # want: res.python-close
    cur = conn.cursor()
    cur.execute("select 1")
    return cur.fetchall()


def early(dsn, skip):
    conn = psycopg2.connect(dsn)  # want: res.python-close
    if skip:
        return None
    conn.cursor().execute("select 1")
    conn.close()


def fan_out(items):
    pool = ThreadPoolExecutor(8)  # want: res.python-close
    return [pool.submit(print, i) for i in items]
