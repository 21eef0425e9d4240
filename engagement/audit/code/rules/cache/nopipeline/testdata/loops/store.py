import redis

redis_client = redis.Redis()


def load(ids):
    out = []
    for i in ids:
        out.append(redis_client.hgetall(f"item:{i}"))  # want: cache.no-pipeline
    with redis_client.pipeline() as pipe:
        for i in ids:
            pipe.hgetall(f"item:{i}")
    return out
