export async function GET(orgId: string) {
  const org = await prisma.org.findUnique({ where: { id: orgId } });
  const runs = await prisma.run.count({ where: { orgId: org.id } });
  const snapshots = await prisma.snapshot.count();
  if (!snapshots) return null;
  const more = await prisma.snapshot.count({ where: { runId: "a" } });
  await prisma.$transaction(async (tx) => {
    const a = await tx.run.count();
    const b = await tx.org.count();
    const c = await tx.snapshot.count();
    return a + b + c;
  });
  const [x, y, z] = await Promise.all([prisma.run.count(), prisma.org.count(), prisma.snapshot.count()]);
  return { runs, snapshots, org, more, x, y, z };
}
