export async function close(id: string) {
  const batch = await prisma.$transaction(async (tx) => {
    const done = new Set<string>();
    done.add("x");
    await outboxQueue.add("closed", { id }, { delay: 5000 });
    await jobs.enqueue("closed", { id, tx });
    return tx.batch.update({ where: { id }, data: { closed: true } });
  });
  await mailQueue.add("closed", { id: batch.id });
}
