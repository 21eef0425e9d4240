import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

export const readersOf = async (emails: string[]) => {
  const out = [];
  for (const email of emails) {
    out.push(await prisma.reader.findFirst({ where: { email } })); // want: db.n1-query-in-loop
  }
  return out;
};

export const fewReaders = async (emails: string[]) => {
  if (emails.length > 3) {
    throw new Error('too many');
  }
  const out = [];
  for (const email of emails) {
    out.push(await prisma.reader.findFirst({ where: { email } }));
  }
  return out;
};

// Each arm runs for one element at most, and asks the same whatever the element is.
export const dispatch = async (modules: { type: string }[], readerId: string) => {
  const out = [];
  for (const module of modules) {
    if (module.type === 'loans') {
      out.push(await prisma.loan.findMany({ where: { readerId } }));
    }
  }
  return out;
};
