package client

// reactorClient makes the HTTP client of Reactor Netty, which Spring's WebClient sends through.
const reactorClient = "reactor.netty.http.client.HttpClient.create"

// java lists the clients of Java.
var java = []Spec{
	{Lang: "java", Callee: "java.net.URL#openConnection", Library: "HttpURLConnection", Kind: HTTP, Factory: true, Options: opts("setReadTimeout", "setConnectTimeout"), Wait: forEver, Statements: []string{"{}.setConnectTimeout(5_000);", "{}.setReadTimeout(30_000);"}},
	{Lang: "java", Callee: "java.net.URL#openStream", Library: "URL.openStream", Family: "HttpURLConnection", Kind: HTTP, Wait: forEver},
	{Lang: "java", Callee: "java.net.URL", Library: "URL", Kind: HTTP, Safe: true, Yields: "java.net.URL"},
	{Lang: "java", Callee: "org.springframework.web.client.RestTemplate", Library: "RestTemplate", Kind: HTTP, Factory: true, Options: opts("setRequestFactory", "setReadTimeout", "setConnectTimeout", "requestFactory"), Position: 1, Wait: forEver},
	{Lang: "java", Callee: "org.springframework.boot.web.client.RestTemplateBuilder#build", Library: "RestTemplateBuilder", Family: "RestTemplate", Kind: HTTP, Factory: true, Options: opts("setReadTimeout", "setConnectTimeout", "readTimeout", "connectTimeout", "requestFactory"), Wait: forEver},
	{Lang: "java", Callee: "org.springframework.boot.web.client.RestTemplateBuilder", Library: "RestTemplateBuilder", Family: "RestTemplate", Kind: HTTP, Safe: true, Yields: "org.springframework.boot.web.client.RestTemplateBuilder"},
	{Lang: "java", Callee: "org.springframework.web.client.RestClient.create", Library: "RestClient", Kind: HTTP, Factory: true, Options: opts("requestFactory"), Wait: forEver},
	{Lang: "java", Callee: "org.springframework.web.reactive.function.client.WebClient.create", Library: "WebClient", Kind: HTTP, Factory: true, Reactive: true, Options: opts("responseTimeout", "timeout", "clientConnector"), Wait: "30 s to connect and for ever for an answer"},
	{Lang: "java", Callee: reactorClient, Library: "Reactor HttpClient", Family: "WebClient", Kind: HTTP, Factory: true, Reactive: true, Options: opts("responseTimeout", "timeout", "doOnConnected", "doOnConnect"), Wait: "30 s to connect and for ever for an answer"},
	{Lang: "java", Callee: "io.vertx.ext.web.client.WebClient.create", Library: "Vert.x WebClient", Kind: HTTP, Factory: true, Reactive: true, Options: opts("timeout", "setIdleTimeout", "setReadIdleTimeout"), OptionsAt: 2, Wait: "60 s to connect and for ever for an answer"},
	{Lang: "java", Callee: "okhttp3.OkHttpClient okhttp3.OkHttpClient.Builder", Library: "OkHttp", Kind: HTTP, Pool: true, Safe: true, Options: opts("readTimeout", "callTimeout", "connectTimeout"), Wait: "10 s"},
	{Lang: "java", Callee: "org.apache.http.impl.client.HttpClients.createDefault org.apache.http.impl.client.HttpClients.createSystem org.apache.http.impl.client.DefaultHttpClient", Library: "Apache HttpClient", Kind: HTTP, Factory: true, Pool: true, Options: opts("setSocketTimeout", "setConnectTimeout", "setDefaultRequestConfig", "setConfig", "setConnectionTimeout", "setSoTimeout"), Wait: forEver},
	{Lang: "java", Callee: "java.net.http.HttpClient.newHttpClient", Library: "java.net.http.HttpClient", Kind: HTTP, Factory: true, Pool: true, Options: opts("timeout", "connectTimeout"), Wait: forEver},
	{Lang: "java", Callee: "org.apache.http.impl.client.HttpClients.custom org.apache.http.impl.client.HttpClientBuilder.create", Library: "Apache HttpClient", Kind: HTTP, Factory: true, Options: opts("setDefaultRequestConfig", "setConnectionManager", "setSocketTimeout", "setDefaultSocketConfig"), Wait: forEver},
	{Lang: "java", Callee: "org.apache.hc.client5.http.impl.classic.HttpClients.createDefault org.apache.hc.client5.http.impl.classic.HttpClients.createSystem", Library: "Apache HttpClient 5", Family: "Apache HttpClient", Kind: HTTP, Factory: true, Pool: true, Options: opts("setResponseTimeout", "setDefaultRequestConfig", "setConfig"), Wait: "180 s to connect and for ever for an answer"},
	{Lang: "java", Callee: "java.net.http.HttpClient.newBuilder", Library: "java.net.http.HttpClient", Kind: HTTP, Factory: true, Options: opts("timeout", "connectTimeout"), Wait: forEver},
	{Lang: "java", Callee: "org.apache.commons.httpclient.HttpClient", Library: "Commons HttpClient", Kind: HTTP, Factory: true, Options: opts("setSoTimeout", "setConnectionTimeout"), Wait: forEver},
	{Lang: "java", Callee: "java.net.Socket", Library: "Socket", Kind: Socket, Factory: true, Options: opts("setSoTimeout"), Wait: forEver, Statements: []string{"{}.setSoTimeout(30_000);"}},
	{Lang: "java", Callee: "redis.clients.jedis.Jedis redis.clients.jedis.JedisPool", Library: "Jedis", Kind: Cache, Pool: true, Safe: true, Wait: "2 s"},
	{Lang: "java", Callee: "org.elasticsearch.client.RestClient.builder", Library: "Elasticsearch client", Kind: Search, Safe: true, Wait: "30 s"},
}
