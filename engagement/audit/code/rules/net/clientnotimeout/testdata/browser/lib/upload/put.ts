import type { Files } from "@shop/server/files";
import { API } from "../api/paths";

export const put = async (file: Files) => fetch(API + "/upload", { method: "POST", body: file });
