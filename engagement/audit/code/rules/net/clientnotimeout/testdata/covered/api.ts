import axios from "axios";
import fs from "node:fs";

axios.defaults.timeout = 5000;
export const get = (u: string) => axios.get(u);
