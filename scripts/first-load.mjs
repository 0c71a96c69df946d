// What a browser loads before the first screen, as the server sends it (brotli), and what each screen adds when it is
// opened: node scripts/first-load.mjs [target/site]. Ends with an error past the floor; the goal is where it should be.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const FLOOR_KB = 340;
const GOAL_KB = 250;

const folder = join(process.argv[2] ?? "target/site", "pkg");
const sizes = readdirSync(folder)
  .filter((name) => /\.(wasm|js|css)$/.test(name))
  .map((name) => {
    const raw = readFileSync(join(folder, name));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length };
    return { name, raw: raw.length / 1e3, small: brotliCompressSync(raw, { params }).length / 1e3 };
  })
  .sort((a, b) => b.small - a.small);
// The program, its glue and the styles carry the project's name; the parts that come later do not.
const first = sizes.filter(({ name }) => name.startsWith("baton."));
const later = sizes.filter(({ name }) => !name.startsWith("baton."));
const print = ({ name, raw, small }) => console.log(`  ${name.padEnd(64)} ${raw.toFixed(1).padStart(8)} kB ${small.toFixed(1).padStart(7)} kB`);

console.log(`first load ${"raw".padStart(66)} ${"brotli".padStart(10)}`);
first.forEach(print);
console.log("with the screens that need it");
later.forEach(print);
const total = first.reduce((sum, { small }) => sum + small, 0);
console.log(`first load: ${total.toFixed(1)} kB brotli, of at most ${FLOOR_KB} kB (goal: ${GOAL_KB} kB)`);
if (first.length !== 3) {
  console.error(`the program, its glue and the styles were to be found in ${folder}, not ${first.map(({ name }) => name).join(", ") || "nothing"}`);
  process.exit(2);
}
process.exit(total > FLOOR_KB ? 1 : 0);
