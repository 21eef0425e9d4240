import express from "express";

const app = express();
app.use("/assets", express.static("dist")); // want: cache.no-http-cache
app.use("/kept", express.static("dist", { maxAge: "1y" }));
