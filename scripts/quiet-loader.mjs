// The loader of the screens' code, which is generated, calls it an error when code does not come. The program asks
// again, and tells its reader when that does not help; a page that is left meanwhile has no reader. So the loader only
// warns: node scripts/quiet-loader.mjs FOLDER
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = process.argv[2];
const name = readdirSync(folder).find((name) => /^__wasm_split\..*\.js$/.test(name));
if (!name) throw new Error(`there is no __wasm_split.….js in ${folder}`);
const file = join(folder, name);
const text = readFileSync(file, "utf8");
const quiet = text.replace("console.error(e)", "console.warn(e)");
if (!quiet.includes("console.warn(e)")) throw new Error(`${name} does not say any more what it did: look at what it does now`);
if (quiet !== text) {
  writeFileSync(file, quiet);
  writeFileSync(`${file}.br`, brotliCompressSync(quiet, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  writeFileSync(`${file}.gz`, gzipSync(quiet, { level: 9 }));
}
