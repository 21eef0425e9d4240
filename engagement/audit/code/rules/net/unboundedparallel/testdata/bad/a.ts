import axios from "axios";

export async function ping() {
  const runs = await prisma.run.findMany();
  await Promise.all(runs.map((r) => axios.post("https://example.com", r))); // want: net.unbounded-parallel
}

export async function count() {
  const runs = await prisma.run.findMany();
  const open = runs.filter((r) => r.status === "open");
  return Promise.all( // want: net.unbounded-parallel
    open.map(async (r) => prisma.snapshot.count({ where: { runId: r.id } })),
  );
}
