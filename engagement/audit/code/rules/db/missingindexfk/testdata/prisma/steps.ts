export const steps = (db: any, run: string) => db.$queryRaw`SELECT id FROM steps WHERE run_id = ${run}`;
