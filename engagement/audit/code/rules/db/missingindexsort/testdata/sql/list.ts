export async function list(db: any, schema: any, project: string, forward: boolean, cursor: any) {
  return db.$queryRaw`
    SELECT id FROM ${schema}."runs" r
    WHERE r.project_id = ${project} ${cursor ? sql`AND r.id < ${cursor}` : empty}
    ORDER BY ${forward ? sql`r.created_at DESC` : sql`r.created_at ASC`} LIMIT ${50}`;
}
export const logs = `SELECT id FROM logs WHERE project_id = $1 ORDER BY at DESC LIMIT 20`;
export const trace = `SELECT id FROM runs WHERE trace_id = $1 ORDER BY created_at LIMIT 20`;
