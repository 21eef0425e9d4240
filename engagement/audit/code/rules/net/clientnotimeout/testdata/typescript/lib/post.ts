import fs from "node:fs";
import { createTransport } from "nodemailer";

import { env } from "./env";

export const transport = () =>
  createTransport({ // want: net.client-no-timeout
    host: env("HOST"),
    port: 25,
    ...(env("SERVICE") ? { service: env("SERVICE") } : {}),
  });

export const bounded = () =>
  createTransport({
    host: env("HOST"),
    ...(env("SLOW") ? { socketTimeout: 60_000 } : { socketTimeout: 10_000 }),
  });

const unused = async (url: string) => {
  const response = await fetch(url, { method: "GET" });
  return response.json();
};

const onlyFromUnused = async (url: string) => fetch(url + "/b");

const alsoUnused = async () => onlyFromUnused("a") && fs.existsSync("x");

export const save = async (url: string, file: Uint8Array) => fetch(url, { method: "PUT", body: file }); // want: net.client-no-timeout
