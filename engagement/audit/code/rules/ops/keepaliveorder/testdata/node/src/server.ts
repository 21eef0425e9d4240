import { createServer } from "http";

const server = createServer();
server.keepAliveTimeout = 5_000; // want: ops.keepalive-order
server.listen(3000);
