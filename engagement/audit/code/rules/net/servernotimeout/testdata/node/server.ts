import http from "node:http";

const server = http.createServer(handler);
server.requestTimeout = 0; // want: net.server-no-timeout
server.headersTimeout = 30_000;
