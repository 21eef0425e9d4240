package a;

import io.vertx.core.Vertx;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;

class Rates {
  WebClient open(Vertx vertx) {
    return WebClient.create(vertx); // want: net.client-no-timeout
  }

  WebClient bounded(Vertx vertx) {
    return WebClient.create(vertx, new WebClientOptions().setIdleTimeout(5));
  }
}
