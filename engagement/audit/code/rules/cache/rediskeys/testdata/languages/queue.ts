import Redis from "ioredis";

const redis = new Redis();

export async function drain(name: string) {
  return redis.lrange(`queue:${name}`, 0, -1); // want: cache.redis-keys
}
