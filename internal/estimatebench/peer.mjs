// Runs a model by Squiggle in this process, as often as it is told, and prints the CPU seconds of each
// run and the quantiles of the last: node peer.mjs MODEL SAMPLES RUNS
import { readFileSync } from "node:fs";
import { run } from "@quri/squiggle-lang";

const [model, samples, runs] = process.argv.slice(2);
const code = readFileSync(model, "utf8");
const cpu = [];
let quantiles = [];
for (let i = 0; i < Number(runs); i++) {
  const before = process.cpuUsage();
  const environment = { sampleCount: Number(samples), xyPointLength: 1000, seed: "seed " + i };
  const output = await run(code, { environment });
  const result = output.result;
  if (!result.ok) throw new Error(String(result.value));
  quantiles = [0.05, 0.5, 0.95].map((q) => {
    const inverse = result.value.result.value.inv(environment, q);
    if (!inverse.ok) throw new Error(String(inverse.value));
    return inverse.value;
  });
  const used = process.cpuUsage(before);
  cpu.push((used.user + used.system) / 1e6);
}
console.log(JSON.stringify({ cpu, quantiles }));
