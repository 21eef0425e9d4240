def take(cursor):
    cursor.execute("SET LOCAL lock_timeout = '2s'")
    cursor.execute("SELECT pg_advisory_xact_lock(42)")
