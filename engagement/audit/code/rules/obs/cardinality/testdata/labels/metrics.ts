import client from "prom-client";

export const orders = new client.Counter({
  name: "orders",
  help: "Orders",
  labelNames: ["plan", "userId"], // want: obs.cardinality
});
