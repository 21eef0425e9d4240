package client

// goHTTP is the family of the standard library's client and its package functions.
const goHTTP = "net/http"

// golang lists the clients of Go.
var golang = []Spec{
	{Lang: "go", Callee: each("net/http.", "Get Post PostForm Head"), Library: "http.DefaultClient", Family: goHTTP, Kind: HTTP, Wait: forEver},
	{Lang: "go", Callee: "net/http.Client", Library: "http.Client", Family: goHTTP, Kind: HTTP, Factory: true, Options: opts("Timeout"), Wait: forEver, Argument: "Timeout: 30 * time.Second"},
	{Lang: "go", Callee: "net/http.DefaultClient.Do net/http.DefaultClient.Get net/http.DefaultClient.Post net/http.DefaultClient.PostForm net/http.DefaultClient.Head", Library: "http.DefaultClient", Family: goHTTP, Kind: HTTP, Wait: forEver},
	{Lang: "go", Callee: "net.Dial crypto/tls.Dial", Library: "net.Dial", Kind: Socket, Factory: true, Options: opts("SetDeadline", "SetReadDeadline"), Wait: "until the operating system gives up on the connect, and for ever for an answer"},
	{Lang: "go", Callee: "net/smtp.SendMail net/smtp.Dial", Library: "net/smtp", Kind: Mail, Factory: true, Options: opts("SetDeadline"), Wait: forEver},
	{Lang: "go", Callee: "github.com/gomodule/redigo/redis.Dial github.com/gomodule/redigo/redis.DialURL github.com/garyburd/redigo/redis.Dial", Library: "redigo", Kind: Cache, Factory: true, Options: opts("DialReadTimeout", "DialConnectTimeout", "DialWriteTimeout"), Wait: "30 s to connect and for ever for an answer"},
	{Lang: "go", Callee: "gopkg.in/ldap.v2.Dial gopkg.in/ldap.v3.Dial github.com/go-ldap/ldap.Dial github.com/go-ldap/ldap/v3.Dial github.com/go-ldap/ldap/v3.DialURL", Library: "go-ldap", Kind: Directory, Factory: true, Options: opts("SetTimeout", "DialWithDialer"), Wait: "60 s to connect and for ever for an answer"},
	{Lang: "go", Callee: "github.com/go-sql-driver/mysql.Config github.com/go-sql-driver/mysql.NewConfig", Library: "Go MySQL driver", Kind: Database, Factory: true, Options: opts("Timeout", "ReadTimeout"), Wait: "for ever for an answer"},
	{Lang: "go", Callee: "go.etcd.io/etcd/client/v3.Config go.etcd.io/etcd/clientv3.Config", Library: "etcd client", Kind: Database, Factory: true, Options: opts("DialTimeout", "Context"), Wait: "for ever for the first connection"},
	{Lang: "go", Callee: "gopkg.in/gomail.v2.NewDialer", Library: "gomail", Kind: Mail, Safe: true, Options: opts("Timeout")},
	{Lang: "go", Callee: "github.com/go-resty/resty/v2.New", Library: "resty", Kind: HTTP, Factory: true, Options: opts("SetTimeout"), Wait: forEver},
	{Lang: "go", Callee: "github.com/hashicorp/go-retryablehttp.NewClient", Library: "retryablehttp", Kind: HTTP, Factory: true, Options: opts("Timeout", "HTTPClient"), Wait: forEver},
	{Lang: "go", Callee: "github.com/elastic/go-elasticsearch/v7.NewDefaultClient github.com/elastic/go-elasticsearch/v8.NewDefaultClient", Library: "Elasticsearch client", Kind: Search, Factory: true, Pool: true, Options: opts("ResponseHeaderTimeout"), Wait: forEver},
}
