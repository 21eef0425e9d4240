from functools import lru_cache

_session_cache = {}


def session(tenant):
    if tenant not in _session_cache:
        _session_cache[tenant] = connect(tenant)  # want: cache.unbounded-map
    return _session_cache[tenant]


@lru_cache(maxsize=None)  # want: cache.unbounded-map
def parse(text):
    return text.split()
