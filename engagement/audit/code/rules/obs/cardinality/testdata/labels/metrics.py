from prometheus_client import Counter

ORDERS = Counter("orders", "Orders", ["plan", "user_id"])  # want: obs.cardinality
FINE = Counter("logins", "Logins", ["plan"])
