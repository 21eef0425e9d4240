import axios from "axios";

export async function pay(id: string) {
  const order = await prisma.$transaction(async (tx) => {
    try {
      return await tx.order.update({ where: { id }, data: { paid: true } });
    } catch (e) {
      await axios.post("https://hooks.example.com", { id });
      throw e;
    }
  });
  await axios.post("https://hooks.example.com", { id: order.id });
}
