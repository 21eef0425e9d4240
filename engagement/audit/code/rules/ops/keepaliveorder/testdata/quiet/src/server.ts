import { createServer } from "http";

const server = createServer();
server.keepAliveTimeout = 65_000;
server.listen(3000);
