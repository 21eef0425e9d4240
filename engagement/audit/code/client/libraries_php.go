package client

// php lists the clients of PHP. Laravel's Http facade bounds a request to 30 s by itself and is not
// among them.
var php = []Spec{
	{Lang: "php", Callee: `GuzzleHttp\Client`, Library: "Guzzle", Kind: HTTP, Factory: true, Options: opts("timeout", "connect_timeout", "read_timeout"), OptionsAt: 1, Wait: forEver, Yields: `GuzzleHttp\Client`, Argument: "'timeout' => 30, 'connect_timeout' => 5"},
	{Lang: "php", Callee: "curl_init", Library: "cURL", Kind: HTTP, Factory: true, Options: opts("timeout", "timeout_ms", "low_speed_time"), Wait: "300 s to connect and for ever for an answer", Statements: []string{"curl_setopt({}, CURLOPT_CONNECTTIMEOUT, 5);", "curl_setopt({}, CURLOPT_TIMEOUT, 30);"}},
	{Lang: "php", Callee: "file_get_contents", Library: "file_get_contents", Kind: HTTP, Default: true, Options: opts("timeout", "default_socket_timeout"), OptionsAt: 3, Wait: "60 s for each read (default_socket_timeout)", Argument: "stream_context_create(['http' => ['timeout' => 30]])"},
	{Lang: "php", Callee: "fsockopen pfsockopen", Library: "fsockopen", Kind: Socket, Factory: true, Default: true, Position: 5, Options: opts("timeout", "stream_set_timeout"), Wait: "60 s to connect and 60 s for each read (default_socket_timeout)"},
	{Lang: "php", Callee: "stream_socket_client", Library: "stream_socket_client", Kind: Socket, Factory: true, Default: true, Position: 4, Options: opts("timeout", "stream_set_timeout"), Wait: "60 s to connect and 60 s for each read (default_socket_timeout)"},
	{Lang: "php", Callee: `Symfony\Component\HttpClient\HttpClient::create`, Library: "Symfony HttpClient", Kind: HTTP, Factory: true, Default: true, Options: opts("timeout", "max_duration"), OptionsAt: 1, Wait: "60 s without a byte (default_socket_timeout)", Argument: "'timeout' => 10, 'max_duration' => 30"},
	{Lang: "php", Callee: "SoapClient", Library: "SoapClient", Kind: HTTP, Factory: true, Default: true, Options: opts("connection_timeout", "default_socket_timeout"), OptionsAt: 2, Wait: "60 s for each read (default_socket_timeout)", Argument: "'connection_timeout' => 5"},
	{Lang: "php", Callee: `Illuminate\Support\Facades\Http::get Illuminate\Support\Facades\Http::post Illuminate\Support\Facades\Http::timeout`, Library: "Laravel Http", Kind: HTTP, Safe: true, Options: opts("timeout"), Position: 0, Wait: "30 s"},
	{Lang: "php", Callee: "Redis#connect Redis#pconnect", Library: "phpredis", Kind: Cache, Factory: true, Position: 3, Options: opts("opt_read_timeout"), Wait: forEver},
	{Lang: "php", Callee: "Redis", Library: "phpredis", Kind: Cache, Safe: true, Yields: "Redis"},
	{Lang: "php", Callee: "ldap_connect", Library: "ldap", Kind: Directory, Factory: true, Options: opts("ldap_opt_network_timeout", "network_timeout"), Wait: "until the operating system gives up", Statements: []string{"ldap_set_option({}, LDAP_OPT_NETWORK_TIMEOUT, 10);"}},
}
