import { PrismaClient } from "@prisma/client";

export const prisma = new PrismaClient();

export function make() {
  const p = new PrismaClient();
  return p;
}
