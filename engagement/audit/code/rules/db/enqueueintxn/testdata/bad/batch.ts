import { workerQueue } from "./queue";

export class Batches {
  constructor(private readonly prisma: PrismaClient) {}

  async create(items: Item[]) {
    return await $transaction(this.prisma, async (tx) => {
      const batch = await tx.batch.create({ data: { size: items.length } });
      await this.#enqueue({ id: batch.id }); // want: db.enqueue-in-txn
      await this.#enqueue({ id: batch.id }, tx);
      return batch;
    });
  }

  async close(id: string) {
    await this.prisma.$transaction(async (tx) => {
      await tx.batch.update({ where: { id }, data: { closed: true } });
      await mailQueue.add("closed", { id }); // want: db.enqueue-in-txn
    });
  }

  async #enqueue(options: Options, tx?: TransactionClient) {
    await workerQueue.enqueue("batch", options, { tx });
  }
}
