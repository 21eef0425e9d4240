import { chunk } from "lodash";

export async function clean(cutoff: Date, ids: string[]) {
  const runs = await prisma.run.findMany({ where: { createdAt: { lte: cutoff } } });
  for (const part of chunk(runs, 1000)) await prisma.run.deleteMany({ where: { id: { in: part.map((r) => r.id) } } });
  await prisma.snapshot.findMany({ where: { runId: { in: runs.map((r) => r.id) } } });
  await prisma.run.deleteMany({ where: { id: { in: ids } } });
  const page = await prisma.run.findMany({ where: { createdAt: { lte: cutoff } }, take: 100 });
  await prisma.run.deleteMany({ where: { id: { in: page.map((r) => r.id) } } });
}
