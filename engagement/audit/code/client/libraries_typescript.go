package client

const undici = "up to 300 s for the headers and 300 s between pieces of the body (the defaults of Node)"

// typescript lists the clients of Node. They count in code that runs on a server only: in a browser a
// request holds nothing but its own tab.
var typescript = []Spec{
	{Lang: "typescript", Callee: "fetch undici.fetch node-fetch cross-fetch isomorphic-fetch node-fetch.default", Library: "fetch", Kind: HTTP, Default: true, Options: opts("signal", "timeout", "dispatcher"), OptionsAt: 2, Wait: undici, Argument: "signal: AbortSignal.timeout(30_000)"},
	{Lang: "typescript", Callee: "undici.request undici.stream", Library: "undici", Family: "fetch", Kind: HTTP, Default: true, Options: opts("signal", "headersTimeout", "bodyTimeout", "dispatcher"), OptionsAt: 2, Wait: undici, Argument: "signal: AbortSignal.timeout(30_000)"},
	{Lang: "typescript", Callee: "axios.create", Library: "axios", Kind: HTTP, Factory: true, Options: opts("timeout", "signal"), OptionsAt: 1, Wait: forEver, Argument: "timeout: 30_000"},
	{Lang: "typescript", Callee: "axios axios.request", Library: "axios", Kind: HTTP, Options: opts("timeout", "signal", "cancelToken"), OptionsAt: 1, Wait: forEver, Argument: "timeout: 30_000"},
	{Lang: "typescript", Callee: each("axios.", "get delete head options"), Library: "axios", Kind: HTTP, Options: opts("timeout", "signal", "cancelToken"), OptionsAt: 2, Wait: forEver, Argument: "timeout: 30_000"},
	{Lang: "typescript", Callee: each("axios.", "post put patch"), Library: "axios", Kind: HTTP, Options: opts("timeout", "signal", "cancelToken"), OptionsAt: 3, Wait: forEver, Argument: "timeout: 30_000"},
	{Lang: "typescript", Callee: "got got.get got.post got.put got.delete got.patch got.head got.stream", Library: "got", Kind: HTTP, Options: opts("timeout", "signal", "request"), OptionsAt: 2, Wait: forEver, Argument: "timeout: { request: 30_000 }"},
	{Lang: "typescript", Callee: "got.extend", Library: "got", Kind: HTTP, Factory: true, Options: opts("timeout"), OptionsAt: 1, Wait: forEver, Argument: "timeout: { request: 30_000 }"},
	{Lang: "typescript", Callee: "ofetch.ofetch ofetch.$fetch", Library: "ofetch", Family: "fetch", Kind: HTTP, Default: true, Options: opts("timeout", "signal"), OptionsAt: 2, Wait: undici, Argument: "timeout: 30_000"},
	{Lang: "typescript", Callee: "ky ky.get ky.post ky.create ky.extend", Library: "ky", Kind: HTTP, Safe: true, Options: opts("timeout"), Wait: "10 s"},
	{Lang: "typescript", Callee: "request request.get request.post request.put request.del request-promise request-promise-native", Library: "request", Kind: HTTP, Options: opts("timeout"), OptionsAt: 1, Wait: forEver, Argument: "timeout: 30_000"},
	{Lang: "typescript", Callee: "needle needle.get needle.post", Library: "needle", Kind: HTTP, Safe: true, Options: opts("timeout", "response_timeout", "open_timeout")},
	{Lang: "typescript", Callee: "superagent.get superagent.post superagent.put superagent.delete superagent.patch", Library: "superagent", Kind: HTTP, Options: opts("timeout"), Wait: forEver},
	{Lang: "typescript", Callee: "http.request https.request http.get https.get", Library: "node:http", Kind: HTTP, Factory: true, Options: opts("timeout", "signal", "setTimeout"), OptionsAt: 0, Wait: forEver},
	{Lang: "typescript", Callee: "ioredis.Redis ioredis ioredis.Cluster", Library: "ioredis", Kind: Cache, Pool: true, Safe: true, Options: opts("commandTimeout", "connectTimeout")},
	{Lang: "typescript", Callee: "pg.Pool", Library: "pg", Kind: Database, Factory: true, Pool: true, Options: opts("connectionTimeoutMillis", "statement_timeout", "query_timeout"), OptionsAt: 1, Wait: "for ever for a free connection and for an answer", Argument: "connectionTimeoutMillis: 5_000, query_timeout: 30_000"},
	{Lang: "typescript", Callee: "pg.Client", Library: "pg", Kind: Database, Factory: true, Options: opts("connectionTimeoutMillis", "statement_timeout", "query_timeout"), OptionsAt: 1, Wait: "for ever to connect and for an answer", Argument: "connectionTimeoutMillis: 5_000, query_timeout: 30_000"},
	{Lang: "typescript", Callee: "mongodb.MongoClient mongodb.MongoClient.connect", Library: "mongodb", Kind: Database, Factory: true, Pool: true, Options: opts("socketTimeoutMS", "timeoutMS"), OptionsAt: 2, Wait: "for ever for an answer (finding a server is bounded to 30 s)", Argument: "socketTimeoutMS: 30_000"},
	{Lang: "typescript", Callee: "@prisma/client.PrismaClient", Library: "Prisma", Kind: Database, Pool: true, Safe: true},
	{Lang: "typescript", Callee: "@elastic/elasticsearch.Client @opensearch-project/opensearch.Client", Library: "Elasticsearch client", Kind: Search, Pool: true, Safe: true, Options: opts("requestTimeout"), Wait: "30 s"},
	{Lang: "typescript", Callee: "@aws-sdk/client-s3.S3Client @aws-sdk/client-sqs.SQSClient @aws-sdk/client-ses.SESClient", Library: "AWS SDK", Kind: HTTP, Pool: true, Safe: true, Options: opts("requestTimeout", "requestHandler")},
	{Lang: "typescript", Callee: "nodemailer.createTransport", Library: "nodemailer", Kind: Mail, Factory: true, Default: true, Options: opts("connectionTimeout", "socketTimeout", "greetingTimeout"), OptionsAt: 1, Wait: "up to 120 s to connect, 30 s for the greeting and 600 s without a byte after it (the defaults of nodemailer)", Argument: "connectionTimeout: 10_000, socketTimeout: 60_000"},
	{Lang: "typescript", Callee: "ldapjs.createClient", Library: "ldapjs", Kind: Directory, Factory: true, Options: opts("timeout", "connectTimeout"), OptionsAt: 1, Wait: forEver, Argument: "timeout: 10_000, connectTimeout: 5_000"},
	{Lang: "typescript", Callee: "mysql2.createPool mysql2.createConnection mysql.createPool mysql.createConnection mysql2/promise.createPool", Library: "mysql2", Kind: Database, Safe: true, Pool: true, Options: opts("connectTimeout")},
}
