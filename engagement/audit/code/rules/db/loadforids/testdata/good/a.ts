export async function drafts(orgId: string) {
  const runs = await prisma.run.findMany({ where: { orgId } });
  log(runs);
  const some = await prisma.run.findMany({ where: { orgId }, select: { id: true } });
  const more = await prisma.run.findMany({ where: { orgId }, include: { snapshots: true } });
  more.map((m) => m.id);
  return runs.map((r) => r.id).concat(some.map((s) => s.id));
}
