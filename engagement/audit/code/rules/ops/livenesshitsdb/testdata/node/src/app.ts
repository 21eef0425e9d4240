import express from "express";

export const app = express();

app.get("/live", async (_req, res) => {
  await pool.query("SELECT 1"); // want: ops.liveness-hits-db
  res.send("ok");
});

app.get("/ready", async (_req, res) => {
  await pool.query("SELECT 1");
  res.send("ok");
});
