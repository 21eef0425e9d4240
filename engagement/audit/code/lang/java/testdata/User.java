package com.example.shop;

import java.util.List;
import java.util.concurrent.*;
import static org.junit.Assert.assertTrue;

/** A user. */
@Entity
@Table(name = "users", indexes = {@Index(columnList = "a, " + "b"), @Index(columnList = Names.ID)})
public abstract class User<T extends Base> extends Base<T> implements Named, Comparable<User> {
  @Id @GeneratedValue(strategy = GenerationType.IDENTITY) private Long id;
  private static final Map<String, List<Order>> cache = new ConcurrentHashMap<>(), old[] = null;
  @OneToMany("x") List<Order> orders = new ArrayList<Order>(10) {{ add(1); }};
  static { init(); }
  { boot(); }

  public User(@Param("a") final String a, int... rest) throws IOException {
    super(a);
    this.a = a;
  }

  // napkin: ignore n-plus-one
  @Query(value = "SELECT u FROM User u" + " WHERE u.id = ?1", nativeQuery = true)
  @Override
  protected static <R> List<R> find(@Nonnull Long id, java.util.List<String> names) { return null; }

  abstract void missing();
  interface Inner { }
}

record Point(@NotNull String a, int b) implements Shape {
  Point { check(a); }
}

enum Level implements Named {
  LOW("x"), HIGH { void f() { g(); } }, @Deprecated NONE;
  private final String s;
  Level(String s) { this.s = s; }
}

@interface Marker { String value() default "x"; }

interface Users extends JpaRepository<User, Long>, Custom {
  int LIMIT = 10;
  List<User> findByName(String name);
  default void all() { findAll(); }
}

sealed interface Shape permits Point {}
