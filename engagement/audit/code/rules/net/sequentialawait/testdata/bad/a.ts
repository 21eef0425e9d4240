export async function GET(orgId: string) {
  const runs = await prisma.run.count({ where: { orgId } }); // want: net.sequential-await
  const snapshots = await prisma.snapshot.count();
  const org = await prisma.org.findUnique({
    where: { id: orgId },
  });
  return { runs, snapshots, org };
}
