import { PrismaClient } from "@prisma/client";

export async function countUsers() {
  const prisma = new PrismaClient(); // want: net.client-per-call
  return { n: await prisma.user.count() };
}
