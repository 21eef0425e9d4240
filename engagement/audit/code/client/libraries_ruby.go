package client

const netHTTP = "60 s to connect and 60 s for each read (the defaults of Net::HTTP)"

// ruby lists the clients of Ruby. Most sit on Net::HTTP and wait a minute twice, which in a request
// is as bad as for ever: a web server's own limit is shorter.
var ruby = []Spec{
	{Lang: "ruby", Callee: each("Net::HTTP.", "get get_response post post_form get_print"), Library: "Net::HTTP", Kind: HTTP, Default: true, Wait: netHTTP},
	{Lang: "ruby", Callee: "Net::HTTP.new Net::HTTP::Proxy.new", Library: "Net::HTTP", Kind: HTTP, Factory: true, Default: true, Options: opts("read_timeout", "open_timeout", "write_timeout"), Wait: netHTTP, Yields: "Net::HTTP",
		Statements: []string{"{}.open_timeout = 5", "{}.read_timeout = 30"}},
	{Lang: "ruby", Callee: "Net::HTTP.start", Library: "Net::HTTP", Kind: HTTP, Factory: true, Default: true, Options: opts("read_timeout", "open_timeout"), Wait: netHTTP, Argument: "open_timeout: 5, read_timeout: 30"},
	{Lang: "ruby", Callee: "Net::HTTP::Persistent.new", Library: "net-http-persistent", Kind: HTTP, Factory: true, Pool: true, Default: true, Options: opts("read_timeout", "open_timeout"), Wait: netHTTP, Statements: []string{"{}.open_timeout = 5", "{}.read_timeout = 30"}},
	{Lang: "ruby", Callee: "URI.open OpenURI.open_uri", Library: "open-uri", Kind: HTTP, Default: true, Options: opts("read_timeout", "open_timeout"), Wait: netHTTP, Argument: "open_timeout: 5, read_timeout: 30"},
	{Lang: "ruby", Callee: "Faraday.new Faraday::Connection.new", Library: "Faraday", Kind: HTTP, Factory: true, Default: true, Options: opts("timeout", "open_timeout", "read_timeout"), Wait: netHTTP, Argument: "request: { open_timeout: 5, timeout: 30 }"},
	{Lang: "ruby", Callee: each("Faraday.", "get post put patch delete head"), Library: "Faraday", Kind: HTTP, Default: true, Options: opts("timeout", "open_timeout"), Wait: netHTTP},
	{Lang: "ruby", Callee: each("HTTParty.", "get post put patch delete head"), Library: "HTTParty", Kind: HTTP, Default: true, Options: opts("timeout", "read_timeout", "open_timeout", "default_timeout"), Wait: netHTTP, Argument: "timeout: 30"},
	{Lang: "ruby", Callee: each("RestClient.", "get post put patch delete head"), Library: "rest-client", Kind: HTTP, Default: true, Options: opts("timeout"), Wait: netHTTP},
	{Lang: "ruby", Callee: "RestClient::Request.execute RestClient::Request.new RestClient::Resource.new", Library: "rest-client", Kind: HTTP, Default: true, Options: opts("timeout", "open_timeout", "read_timeout"), Wait: netHTTP, Argument: "timeout: 30"},
	{Lang: "ruby", Callee: each("Typhoeus.", "get post put patch delete head") + " Typhoeus::Request.new " + each("Typhoeus::Request.", "get post put patch delete head"), Library: "Typhoeus", Kind: HTTP, Options: opts("timeout", "timeout_ms", "connecttimeout"), Wait: forEver, Argument: "connecttimeout: 5, timeout: 30"},
	{Lang: "ruby", Callee: each("Excon.", "new get post put patch delete head"), Library: "Excon", Kind: HTTP, Default: true, Options: opts("read_timeout", "connect_timeout", "timeout"), Wait: "60 s to connect and 60 s for each read (the defaults of Excon)", Argument: "connect_timeout: 5, read_timeout: 30"},
	{Lang: "ruby", Callee: each("HTTP.", "get post put patch delete head"), Library: "http.rb", Kind: HTTP, Options: opts("timeout"), Wait: forEver},
	{Lang: "ruby", Callee: "HTTPClient.new", Library: "HTTPClient", Kind: HTTP, Factory: true, Default: true, Options: opts("receive_timeout", "connect_timeout", "send_timeout"), Wait: "60 s to connect and 60 s for an answer (the defaults of HTTPClient)", Statements: []string{"{}.connect_timeout = 5", "{}.receive_timeout = 30"}},
	{Lang: "ruby", Callee: "Curl.get Curl.post Curl::Easy.new Curl::Easy.perform Curl::Easy.http_get Curl::Easy.http_post", Library: "Curb", Kind: HTTP, Options: opts("timeout", "connect_timeout", "timeout_ms"), Wait: forEver},
	{Lang: "ruby", Callee: "Mechanize.new", Library: "Mechanize", Kind: HTTP, Factory: true, Default: true, Options: opts("open_timeout", "read_timeout"), Wait: netHTTP, Statements: []string{"{}.open_timeout = 5", "{}.read_timeout = 30"}},
	{Lang: "ruby", Callee: "Elasticsearch::Client.new OpenSearch::Client.new Elasticsearch::Transport::Client.new", Library: "Elasticsearch client", Kind: Search, Factory: true, Pool: true, Default: true, Options: opts("request_timeout", "transport_options.request.timeout", "timeout"), Wait: netHTTP + ", and retries on top", Argument: "request_timeout: 5"},
	{Lang: "ruby", Callee: "Typesense::Client.new", Library: "Typesense", Kind: Search, Safe: true, Options: opts("connection_timeout_seconds")},
	{Lang: "ruby", Callee: "Meilisearch::Client.new MeiliSearch::Client.new", Library: "Meilisearch", Kind: Search, Safe: true, Options: opts("timeout")},
	{Lang: "ruby", Callee: "Redis.new Redis::Distributed.new ConnectionPool.new RedisClient.config", Library: "redis-rb", Kind: Cache, Safe: true, Options: opts("read_timeout", "connect_timeout"), Wait: "1 s"},
	{Lang: "ruby", Callee: "Mysql2::Client.new", Library: "mysql2", Kind: Database, Factory: true, Options: opts("read_timeout", "connect_timeout"), Wait: "120 s to connect and for ever for an answer", Argument: "connect_timeout: 5, read_timeout: 30"},
	{Lang: "ruby", Callee: "PG.connect PG::Connection.new PG::Connection.open", Library: "pg", Kind: Database, Factory: true, Options: opts("connect_timeout"), OptionsAt: 1, Wait: "until the operating system gives up (about two minutes)", Argument: "connect_timeout: 5"},
	{Lang: "ruby", Callee: "Unpwn.new", Library: "unpwn", Kind: HTTP, Factory: true, Default: true, Options: opts("request_options", "read_timeout", "open_timeout"), Wait: netHTTP, Argument: "request_options: { open_timeout: 2, read_timeout: 3 }"},
	{Lang: "ruby", Callee: "Pwned::Password.new Pwned.pwned? Pwned.pwned_count", Library: "pwned", Kind: HTTP, Default: true, Options: opts("read_timeout", "open_timeout"), Wait: netHTTP, Argument: "open_timeout: 2, read_timeout: 3"},
	{Lang: "ruby", Callee: "Savon.client Savon::Client.new", Library: "Savon", Kind: HTTP, Factory: true, Default: true, Options: opts("open_timeout", "read_timeout"), Wait: netHTTP, Argument: "open_timeout: 5, read_timeout: 30"},
	{Lang: "ruby", Callee: "Octokit::Client.new", Library: "Octokit", Kind: HTTP, Factory: true, Default: true, Options: opts("connection_options", "timeout", "open_timeout"), Wait: netHTTP, Argument: "connection_options: { request: { open_timeout: 5, timeout: 30 } }"},
	{Lang: "ruby", Callee: "Down.download Down.open Down::NetHttp.download", Library: "Down", Kind: HTTP, Default: true, Options: opts("read_timeout", "open_timeout", "timeout"), Wait: netHTTP, Argument: "open_timeout: 5, read_timeout: 30"},
	{Lang: "ruby", Callee: "TCPSocket.new TCPSocket.open", Library: "TCPSocket", Kind: Socket, Factory: true, Options: opts("connect_timeout", "timeout", "wait_readable"), Wait: forEver, Argument: "connect_timeout: 5"},
	{Lang: "ruby", Callee: "Net::SMTP.new Net::SMTP.start", Library: "Net::SMTP", Kind: Mail, Safe: true, Options: opts("read_timeout", "open_timeout")},
	{Lang: "ruby", Callee: "Net::FTP.new Net::FTP.open", Library: "Net::FTP", Kind: Socket, Factory: true, Default: true, Options: opts("read_timeout", "open_timeout"), Wait: "for ever to connect and 60 s for each read", Argument: "open_timeout: 5, read_timeout: 30"},
	{Lang: "ruby", Callee: "Net::SSH.start Net::SFTP.start", Library: "Net::SSH", Kind: Socket, Factory: true, Options: opts("timeout"), Wait: "until the operating system gives up", Argument: "timeout: 30"},
	{Lang: "ruby", Callee: "Bunny.new", Library: "Bunny", Kind: Broker, Safe: true, Options: opts("connection_timeout", "read_timeout")},
	{Lang: "ruby", Callee: "Mongo::Client.new", Library: "mongo", Kind: Database, Factory: true, Pool: true, Options: opts("socket_timeout", "connect_timeout", "timeout_ms"), Wait: "for ever for an answer", Argument: "connect_timeout: 5, socket_timeout: 30"},
	{Lang: "ruby", Callee: "Cassandra.cluster", Library: "cassandra-driver", Kind: Database, Safe: true, Options: opts("timeout")},
}
