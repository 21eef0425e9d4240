import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipOutputStream;

class Memory {
  byte[] unpack(byte[] packed) throws Exception {
    GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed));
    return in.readAllBytes();
  }

  byte[] pack(byte[] plain) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.write(plain);
    return out.toByteArray();
  }
}
