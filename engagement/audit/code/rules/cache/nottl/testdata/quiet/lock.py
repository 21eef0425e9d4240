import redis

redis_client = redis.Redis()


def lock(name):
    redis_client.set(f"lock:{name}", "1")


def unlock(name):
    redis_client.delete(f"lock:{name}")
    redis_client.expire(f"lock:{name}", 1)
