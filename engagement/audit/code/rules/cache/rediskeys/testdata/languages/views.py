import redis

r = redis.Redis()


def sessions():
    return r.keys("session:*")  # want: cache.redis-keys
