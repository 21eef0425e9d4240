const x = require("express"), { Router, json: parse } = require('y');
const router = require("express").Router();
let v1, v2: string;

export async function load({ ids, limit: max = 10, ...more }: Input = {}, [first]: string[], cb: (e: Error) => void): Promise<void> {
  const users = await prisma.user.findMany({ where: { id: { in: ids } }, include: { posts: true } });
  for (const user of users) {
    await prisma.post.count({ where: { userId: user.id } });
  }
  for await (const { id, n = 1 } of stream) {}
  for (k in users) continue;
  for (let i = 0, n = 3; i < n; i++) { if (i) break; }
  outer: while (!done) { break outer; }
  do { tick(); } while (busy);
  const rows = await prisma.$queryRaw<Row[]>`SELECT * FROM "user" WHERE id = ${ids[0]}\n`;
  const same = await db.select<Row>().from(t).limit(1);
  const not = !repo.has<Row>(1), both = !await repo.has<Row>(1);
  await db.execute(sql`SELECT 1`);
  await knex('users').where('id', ids).first();
  const [a, , b = 2, ...c] = await Promise.all([f(), g()]);
  [a.x, b] = [b, a];
  ({ a, b } = more);
  users?.[0]?.name?.trim?.(); users![0]!.go(); (users as any).b(<any>c);
  const names = users.map(u => u.name).filter((n): n is string => !!n);
  users.forEach(async function each(u, i) { await save(u); });
  if (a) one(); else if (b) { two(); } else { three(); }
  try { await risky(); } catch (e: any) { throw new Error(`failed: ${e.message}`); } finally { close(); }
  try { risky(); } catch { }
  switch (a) { case 1: case 'b': one(); break; default: other(); }
  const total = a ? b : c ?? 0;
  a ||= b; i++; --i; delete a.b; void 0; typeof a === 'undefined';
  new Client({ timeout: 5_000 }); new ns.Pool; new (pick())(1); new this.Type<User>();
  import("./lazy").then(m => m.default);
  (() => {})(); (0, fn)(1); handlers["x"](1); super_.call(this); (await make())(1);
  const s = 'it\'s \u0041\x42\u{1F600}', t = "", re = /a+b/gi, big = 10n, nothing = undefined ?? null;
  const o = { 'x-y': 1, 2: true, async *gen() {}, set foo(v) {}, fn: function () {}, ['lit']: 1 } satisfies Shape;
  label(a, ...c, async () => {});
  this.a.b = 1;
  return;
}
// napkin: ignore end
