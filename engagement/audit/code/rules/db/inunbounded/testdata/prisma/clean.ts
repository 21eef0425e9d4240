import { findExpired } from "./find";

export async function clean(orgId: string, cutoff: Date) {
  const runs = await findExpired({ orgId, cutoff });
  await remove({ orgId, runs });
}

async function remove(params: { orgId: string; runs: { id: string }[] }) {
  const { orgId, runs } = params;
  await prisma.run.deleteMany({ // want: db.in-unbounded
    where: {
      id: { in: runs.map((r) => r.id) },
      orgId,
    },
  });
  return runs.length;
}
