export async function purge(prisma, userId: string) {
  await prisma.session.deleteMany({ where: { expiresAt: { lt: new Date() } } }); // want: db.unbatched-mutation
  await prisma.session.deleteMany({ where: { userId, expiresAt: { lt: new Date() } } });
}
