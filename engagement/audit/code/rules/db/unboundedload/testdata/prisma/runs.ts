export async function since(runId: string, after: Date) {
  return prisma.snapshot.findMany({ // want: db.unbounded-load
    where: { runId, isValid: true, createdAt: { gt: after } },
    orderBy: { createdAt: "asc" },
  });
}

export async function everything() {
  const runs = await prisma.run.findMany(); // want: db.unbounded-load
  return runs.map((r) => r.status);
}
