export async function walk(db: any) {
  let skip = 0;
  while (true) { // want: db.offset-pagination
    const rows = await db.user.findMany({ take: 100, skip });
    if (rows.length === 0) break;
    skip += 100;
  }
}

export async function one(db: any, page: number) {
  return db.user.findMany({ take: 100, skip: page * 100 });
}
