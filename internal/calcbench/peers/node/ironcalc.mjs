// Computes a sheet with IronCalc: node ironcalc.mjs SHEET.json prints a line of JSON for each part of the work, with its CPU seconds.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import init, { Model } from '@ironcalc/wasm';

const require = createRequire(import.meta.url);
const folder = require.resolve('@ironcalc/wasm').replace(/[^/]*$/, '');
await init({ module_or_path: readFileSync(folder + 'wasm_bg.wasm') });
const { rows, show } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify({ version: JSON.parse(readFileSync(folder + 'package.json', 'utf8')).version }));

function timed(phase, work, value) {
  const before = process.cpuUsage();
  work();
  const used = process.cpuUsage(before);
  console.log(JSON.stringify({ phase, cpu: (used.user + used.system) / 1e6, value: value?.() }));
}

const model = new Model('bench', 'en', 'UTC', 'en');
timed('open', () => {
  model.pauseEvaluation();
  rows.forEach((row, r) => (row ?? []).forEach((v, c) => {
    if (v !== null) model.setUserInput(0, r + 1, c + 1, String(v));
  }));
});
timed('recalculate', () => model.evaluate(), () => Number(model.getFormattedCellValue(0, show[0] + 1, show[1] + 1)));
