export async function drafts(orgId: string) {
  const runs = await prisma.run.findMany({ where: { orgId } }); // want: db.load-for-ids
  if (runs.length === 0) return [];
  return runs.map((r) => r.id);
}

export async function all() {
  const snapshots = await prisma.snapshot.findMany(); // want: db.load-for-ids
  return snapshots.map((s) => s.runId);
}
