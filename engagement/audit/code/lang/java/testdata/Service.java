@Service
class OrderService {
  List<Dto> run(Repo repo) {
    for (Order o : orders) { repo.save(o); }
    for (final var o : repo.findAll()) o.getItems().size();
    for (int i = 0, j = 1; i < n; i++, j--) { continue; }
    outer: while (x) break outer;
    do { y(); } while (z);
    try (Connection c = ds.getConnection(); r) { c.x(); } catch (SQLException | IOException e) { throw new RuntimeException("x", e); } finally { f(); }
    try (var in = open()) { in.read(); }
    try { a(); } catch (Exception e) { log.warn("failed {}", e); }
    List<Foo> l = orders.stream().map(Order::getId).filter(x -> x.ok()).map((a, b) -> { return a; }).collect(Collectors.toList());
    orders.forEach(this::save);
    orders.forEach(repo::save);
    ids.stream().map(Key::new).toArray(String[]::new);
    names.map((final String s) -> s.trim());
    String s = """
      SELECT *
        FROM x
      """ + a;
    int v = switch (k) { case 1, 2 -> 3; case B -> throw new X(); default -> { yield 5; } };
    switch (k) { case A: case B: x(); break; case C: default: y(); }
    Object o2 = (Foo) bar, a2 = new int[]{1, 2}, a3 = new int[n()][];
    int[] arr = {1, 2}, two[];
    if (o instanceof Foo f && !f.x) return a[0]; else if (b) x++; else { y += 1; }
    if (o instanceof Point(int x, var y)) {}
    synchronized (this) { w(); }
    assert x : "m";
    new Thread(new Runnable() { public void run() { z(); } }).start();
    var c2 = a ? b : c;
    Foo.Bar.baz(); super.foo(); this.<T>bar(); Outer.super.qux(); String.class.getName(); outer.new Inner(1); java.util.List.of(1);
    final long q = 10_000L; char ch = '\n'; double d = -1.5e3; boolean t = true;
    Foo.SIZE.toString();
    class Local {}
    /* napkin: end */
    return null;
  }
}
