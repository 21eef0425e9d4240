package a;

import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

class Feeds {
  private final WebClient web;
  private final WebClient plain = WebClient.create(); // want: net.client-no-timeout

  Feeds() {
    web = WebClient.builder()
        .clientConnector(new ReactorClientHttpConnector(HttpClient.create().compress(true))) // want: net.client-no-timeout
        .build();
  }

  Mono<String> read(String at) {
    return web.get().uri(at).retrieve().bodyToMono(String.class);
  }

  WebClient byVariable() {
    HttpClient http = HttpClient.create().wiretap(true); // want: net.client-no-timeout
    return WebClient.builder().clientConnector(new ReactorClientHttpConnector(http)).build();
  }
}
