import axios from "axios";
import * as https from "node:https";
import { Pool } from "pg";
import got from "got";

export const api = axios.create({ baseURL: "https://a.example" }); // want: net.client-no-timeout
export const bounded = axios.create({ baseURL: "https://a.example", timeout: 5000 });
export const pool = new Pool({ max: 10 }); // want: net.client-no-timeout

export async function send(url: string, body: string, init: RequestInit) {
  await fetch(url, { method: "POST", body }); // want: net.client-no-timeout
  await fetch(url); // want: net.client-no-timeout
  await fetch(url, { signal: AbortSignal.timeout(5000) });
  await fetch(url, init);
  await fetch(url, { ...init, method: "PUT" });
  await axios.post(url, body); // want: net.client-no-timeout
  await axios.get(url, { timeout: 0 }); // want: net.client-no-timeout
  await api.get(url);
  await got(url, { timeout: { request: 5000 } });
  await Promise.race([fetch(url), never()]);
}

export function raw(url: string) {
  const req = https.get(url, () => {});
  req.setTimeout(5000);
}
