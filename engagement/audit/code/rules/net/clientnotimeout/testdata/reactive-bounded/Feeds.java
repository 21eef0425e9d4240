package a;

import java.time.Duration;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

class Feeds {
  WebClient bounded() {
    HttpClient http = HttpClient.create().responseTimeout(Duration.ofSeconds(10));
    return WebClient.builder().clientConnector(new ReactorClientHttpConnector(http)).build();
  }
}

class Pipeline {
  private final WebClient web = WebClient.builder().clientConnector(new ReactorClientHttpConnector(HttpClient.create())).build();

  Mono<String> read(String at) {
    return web.get().uri(at).retrieve().bodyToMono(String.class).timeout(Duration.ofSeconds(3));
  }
}

class Handed {
  // Whoever asks for it completes it.
  HttpClient base() {
    return HttpClient.create().compress(true);
  }
}
