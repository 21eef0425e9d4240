export async function since(runId: string, after: Date, page: number) {
  await prisma.snapshot.findMany({ where: { runId, createdAt: { gt: after } }, take: 50 });
  await prisma.snapshot.findMany({ where: { runId, createdAt: { gt: after } }, take: page });
  await prisma.snapshot.findMany({ where: { createdAt: { gte: after, lt: new Date() } } });
  await prisma.snapshot.findMany({ where: { runId } });
  await prisma.run.findMany({ where: { OR: [{ orgId: "a" }, { orgId: "b" }] } });
  await prisma.run.findMany({ where: { org: { id: "x" } } });
  await prisma.run.findMany({ where: { id: { in: ["a", "b"] } } });
  await prisma.run.findMany({ ...page, where: {} });
  return prisma.org.findMany();
}

export async function any(): Promise<boolean> {
  const found = await prisma.run.findMany();
  return found.length > 0;
}
