import { bounded, save, transport } from "../lib/post";

export const all = [bounded, save, transport];
