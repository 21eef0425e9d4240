class A {
  async load() {
    for (const u of users) { await db.query("x"); }
    const y = ;
    return this.repo.find({ where: { id });
  }
}
<<<<<<< HEAD
call(1);
=======
call(2);
>>>>>>> other
function ok() { after(); }
