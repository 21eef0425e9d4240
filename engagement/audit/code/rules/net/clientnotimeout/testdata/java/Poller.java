package a;

import java.net.HttpURLConnection;
import java.net.URL;
import okhttp3.OkHttpClient;
import org.springframework.web.client.RestTemplate;

class Poller {
  private final RestTemplate plain = new RestTemplate(); // want: net.client-no-timeout
  private final RestTemplate bounded = new RestTemplate(factory());
  private final OkHttpClient ok = new OkHttpClient();

  void poll(HttpRequest request) {
    request.setReadTimeout(0); // want: net.client-no-timeout
    request.setReadTimeout(5000);
  }

  void open(URL url) throws Exception {
    HttpURLConnection c = (HttpURLConnection) url.openConnection(); // want: net.client-no-timeout
    c.connect();
  }

  void openBounded(URL url) throws Exception {
    HttpURLConnection c = (HttpURLConnection) url.openConnection();
    c.setReadTimeout(5000);
    c.connect();
  }
}
