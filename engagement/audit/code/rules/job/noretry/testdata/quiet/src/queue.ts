import { Queue } from "bullmq";

export const mail = new Queue("mail", { connection });
export const send = (to: string) => mail.add("send", { to }, { attempts: 5, backoff: 1000 });
