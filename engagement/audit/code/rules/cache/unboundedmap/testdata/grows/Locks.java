package a;

import java.util.*;
import java.util.concurrent.*;

class Locks {
  private static final Map<String, Object> LOCKS = new ConcurrentHashMap<>();

  Object lock(String user) {
    return LOCKS.computeIfAbsent(user, k -> new Object()); // want: cache.unbounded-map
  }
}
