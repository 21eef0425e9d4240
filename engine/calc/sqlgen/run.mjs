// Runs the SQL statements of a file, a JSON list of texts, in a DuckDB in memory. Arguments: a folder with node_modules, the file.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, file] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(join(folder, "package.json"))("@duckdb/node-api");
const connection = await (await DuckDBInstance.create(":memory:")).connect();
for (const statement of JSON.parse(readFileSync(file, "utf8"))) {
  try {
    await connection.run(statement);
  } catch (error) {
    console.error(`${error.message}\nin: ${statement.slice(0, 2000)}`);
    process.exit(1);
  }
}
process.exit(0);
