class A {
  void m() {
    for (Order o : orders) { repo.save(o); }
    int x = ;
    foo(bar(1);
    after();
  }
<<<<<<< HEAD
  int a = one();
=======
  int a = two();
>>>>>>> other
  void ok() { fine(); }
}
