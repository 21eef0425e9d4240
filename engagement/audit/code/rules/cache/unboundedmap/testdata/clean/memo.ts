const tokenCache = new Map<string, string>();
const pending: Record<string, Promise<void>> = {};

export function token(tenant: string, value: string) {
  tokenCache.set(tenant, value);
  if (tokenCache.size > 1000) tokenCache.delete(tokenCache.keys().next().value);
}

export function run(id: string, p: Promise<void>) {
  pending[id] = p;
  p.finally(() => delete pending[id]);
}

export function local(id: string) {
  const cache = new Map();
  cache.set(id, 1);
  return cache;
}
