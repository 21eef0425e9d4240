package a;

import java.io.*;
import java.nio.file.*;
import java.sql.*;
import java.util.*;
import javax.sql.DataSource;

class Store {
  private final DataSource dataSource;

  Properties inline(File file) throws IOException {
    Properties props = new Properties();
    props.load(new FileInputStream(file)); // want: res.java-close
    return props;
  }

  Properties outsideFinally(File file) throws IOException {
    Properties props = new Properties();
    InputStream in = new FileInputStream(file); // want: res.java-close
    props.load(in);
    in.close();
    return props;
  }

  int never() throws SQLException {
    Connection c = dataSource.getConnection(); // want: res.java-close
    PreparedStatement s = c.prepareStatement("select 1"); // want: res.java-close
    return s.executeUpdate();
  }

  long count(Path dir) throws IOException {
    return Files.list(dir).count(); // want: res.java-close
  }
}
