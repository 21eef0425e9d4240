package a;

import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

@Configuration
class Web {
  @Bean
  @ConditionalOnProperty(name = "shop.assets.forward", havingValue = "true")
  Forward forward() {
    return new Forward("http://localhost:5173");
  }

  @Bean
  Prices prices() {
    return new Prices();
  }
}

// Nothing but the machine of a developer has it: a finding of low severity.
class Forward {
  private final WebClient web;

  Forward(String to) {
    this.web = WebClient.create(to); // want: net.client-no-timeout
  }

  Object page(String at) {
    return web.get().uri(at).retrieve();
  }
}

class Prices {
  private final RestTemplate rest = new RestTemplate(); // want: net.client-no-timeout

  String of(String sku) {
    return rest.getForObject(sku, String.class);
  }
}
