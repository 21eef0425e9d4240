import { put } from "@shop/lib/upload/put";
import { save } from "../lib/client-only/save";

export const Dialog = () => <button onClick={() => put(file) && save(order)}>Save</button>;
