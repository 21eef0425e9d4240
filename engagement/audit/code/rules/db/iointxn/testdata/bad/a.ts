import axios from "axios";

async function notify(id: string) {
  await axios.post("https://hooks.example.com", { id });
}

export async function pay(id: string) {
  await prisma.$transaction(async (tx) => {
    await tx.order.update({ where: { id }, data: { paid: true } });
    await notify(id); // want: db.io-in-txn
    await stripe.charges.create({ id }); // want: db.io-in-txn
  });
}
