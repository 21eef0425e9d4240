export async function findExpired(params: { orgId: string; cutoff: Date }) {
  return prisma.run.findMany({ select: { id: true }, where: { orgId: params.orgId, createdAt: { lte: params.cutoff } } });
}
