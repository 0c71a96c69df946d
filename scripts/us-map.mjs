// Draws assets/us-states.svg: the outlines of the United States from the npm package us-atlas 3.0.1 (ISC; US Census),
// already in the Albers projection that app/src/admin/nodes/map.rs places nodes with. Run again only to change it:
//   npm install us-atlas@3.0.1 topojson-client@3 && node scripts/us-map.mjs > assets/us-states.svg
import { createRequire } from "node:module";
const require = createRequire(process.cwd() + "/");
const atlas = require("us-atlas/states-albers-10m.json");
const topojson = require("topojson-client");

// One pixel of a 975 wide drawing is enough: points closer than that are left out.
const line = (points) => {
  const kept = [];
  for (const [x, y] of points) {
    const last = kept.at(-1);
    if (!last || Math.hypot(x - last[0], y - last[1]) >= 1.2) kept.push([Math.round(x), Math.round(y)]);
  }
  if (kept.length < 3) return "";
  return kept.map(([x, y], i) => {
    if (i === 0) return `M${x} ${y}`;
    const [px, py] = kept[i - 1];
    return `l${x - px} ${y - py}`.replaceAll(" -", "-");
  }).join("");
};
const states = topojson.feature(atlas, atlas.objects.states).features;
const path = states
  .flatMap((state) => state.geometry.type === "Polygon" ? [state.geometry.coordinates] : state.geometry.coordinates)
  .flat()
  .map((ring) => line(ring))
  .filter(Boolean)
  .map((d) => d + "z")
  .join("");
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 975 610"><path id="states" d="${path}"/></svg>`);
