const tokenCache = new Map<string, string>();

export async function token(tenant: string) {
  if (!tokenCache.has(tenant)) {
    tokenCache.set(tenant, await load(tenant)); // want: cache.unbounded-map
  }
  return tokenCache.get(tenant);
}
