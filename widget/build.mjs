// Makes of promise.js what shops load: promise.min.js, and promise.sri with the hash that browsers check it against.
// `node widget/build.mjs` writes both, `--check` fails when they are not made from promise.js as it is.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

const LARGEST = 5000;
const here = (name) => new URL(name, import.meta.url);
const { minify } = createRequire(here("../end2end/"))("terser");

const source = readFileSync(here("promise.js"), "utf8")
  // The style sheet is the one string that a minifier leaves as it is.
  .replace(/const STYLE = `([^`]*)`/, (_, css) => `const STYLE = \`${css.replace(/\s*([{};:,>])\s*/g, "$1").replace(/;}/g, "}").trim()}\``);
const { code } = await minify(source, { module: true, ecma: 2022, toplevel: true, compress: { passes: 3 } });
const script = `${code}\n`;
const integrity = `sha384-${createHash("sha384").update(script).digest("base64")}\n`;
const size = gzipSync(script, { level: 9 }).length;

if (size > LARGEST) throw new Error(`promise.min.js has ${size} bytes with gzip; it may have ${LARGEST}`);
for (const [name, text] of [["promise.min.js", script], ["promise.sri", integrity]]) {
  if (!process.argv.includes("--check")) writeFileSync(here(name), text);
  else if (readFileSync(here(name), "utf8") !== text) throw new Error(`${name} is not made from promise.js: run node widget/build.mjs`);
}
console.log(`promise.min.js: ${script.length} bytes, ${size} with gzip\n${integrity.trim()}`);
