def walk(conn, api):
    offset = 0
    while True:  # want: db.offset-pagination
        rows = conn.execute("SELECT id FROM events ORDER BY id LIMIT %s OFFSET %s", (100, offset))
        if not rows:
            break
        offset += 100

    start = 0
    while True:
        rows = api.list(offset=start)
        if not rows:
            break
        start += 100


def page(conn, number):
    return conn.execute("SELECT id FROM events ORDER BY id LIMIT 20 OFFSET %s", (number * 20,))


def keyed(conn):
    last = 0
    while True:
        rows = conn.execute("SELECT id FROM events WHERE id > %s ORDER BY id LIMIT 100", (last,))
        if not rows:
            break
        last = rows[-1][0]
