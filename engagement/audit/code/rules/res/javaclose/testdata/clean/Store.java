package a;

import java.io.*;
import java.nio.file.*;
import java.sql.*;
import java.util.*;
import javax.sql.DataSource;

class Store {
  private final DataSource dataSource;
  private InputStream kept;

  Properties with(File file) throws IOException {
    Properties props = new Properties();
    try (InputStream in = new FileInputStream(file); Reader r = new InputStreamReader(in)) {
      props.load(r);
    }
    return props;
  }

  Properties inFinally(File file) throws IOException {
    Properties props = new Properties();
    InputStream in = null;
    try {
      in = new FileInputStream(file);
      props.load(in);
    } finally {
      if (in != null) {
        in.close();
      }
    }
    return props;
  }

  InputStream returned(File file) throws IOException {
    return new BufferedInputStream(new FileInputStream(file));
  }

  InputStream returnedLater(File file) throws IOException {
    InputStream in = new FileInputStream(file);
    return in;
  }

  void stored(File file) throws IOException {
    kept = new FileInputStream(file);
  }

  void passed(File file) throws IOException {
    InputStream in = new FileInputStream(file);
    consume(in);
  }

  void memory(byte[] b) throws IOException {
    InputStream in = new ByteArrayInputStream(b);
    in.read();
  }

  long count(Path dir) throws IOException {
    try (var files = Files.list(dir)) {
      return files.count();
    }
  }
}
