import axios from "axios";

export async function ping(orgId: string, ids: string[]) {
  const page = await prisma.run.findMany({ take: 20 });
  await Promise.all(page.map((r) => axios.post("https://example.com", r)));
  const runs = await prisma.run.findMany();
  await Promise.all(runs.map(async (r) => r.id + 1));
  const orgs = await prisma.org.findMany();
  await Promise.all(orgs.map((o) => axios.post("https://example.com", o)));
  await Promise.all(ids.map((id) => axios.post("https://example.com", { id })));
}
