import { Queue } from "bullmq";

export const mail = new Queue("mail", { connection }); // want: job.no-retry
export const hooks = new Queue("hooks"); // want: job.no-retry
