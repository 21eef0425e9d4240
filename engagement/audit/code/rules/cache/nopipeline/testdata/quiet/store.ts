import Redis from "ioredis";

const redis = new Redis();

export async function load(ids: string[]) {
  for (let attempt = 0; attempt < 3; attempt++) {
    await redis.get("lock");
  }
  return Promise.all(ids.map((id) => redis.get(`item:${id}`)));
}
