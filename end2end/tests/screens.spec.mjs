import AxeBuilder from "@axe-core/playwright";
import { expect, open, placeOrder, routed, signIn, test } from "./baton.mjs";

const looks = [
  ["1440 light", { width: 1440, height: 900 }, "light"],
  ["1440 dark", { width: 1440, height: 900 }, "dark"],
  ["390 light", { width: 390, height: 844 }, "light"],
  ["390 dark", { width: 390, height: 844 }, "dark"],
];

for (const [name, viewport, colorScheme] of looks) {
  test.describe(name, () => {
    test.use({ viewport, colorScheme, provoked: /status of 404/ });

    test.setTimeout(180_000);
    test("every screen fits and has no serious fault for assistive technology", async ({ page, api }, info) => {
      const order = await placeOrder(api).then((order) => routed(api, order));
      await page.goto("/sign-in");
      await look(page, "sign-in", info);
      await signIn(page);
      const screens = [
        ["today", "/"],
        ["orders", "/orders"],
        ["no orders", "/orders?q=nothing-is-called-this"],
        ["order", `/orders/${order.id}`],
        ["no order", "/orders/web:nothing"],
        ["exceptions", "/exceptions"],
        ["exceptions repaired", "/exceptions?state=automatic"],
        ["inventory", "/inventory"],
        ["ledger", "/inventory/wh-sdf/995242"],
        ["nodes", "/nodes"],
        ["node", "/nodes/wh-sdf"],
        ["peek", `/orders?peek=${order.id}`],
        ["carriers", "/carriers"],
        ["carrier", "/carriers/ground"],
        ["no carrier", "/carriers/balloon"],
        ["node calendar", "/nodes/wh-sdf/calendar"],
        ["incoming stock", "/inventory/incoming"],
        ["safety stock", "/inventory/safety"],
        ["channels", "/inventory/channels"],
        ["count from a file", "/inventory/import"],
        ["promise", "/promise"],
        ["settings", "/settings"],
        ["people", "/settings/people"],
        ["keys", "/settings/keys"],
        ["work", "/work"],
      ];
      for (const [screen, path] of screens) {
        await open(page, path);
        expect(await page.evaluate(() => window.scrollY), `${screen} begins at its top`).toBe(0);
        await look(page, screen, info);
      }
    });
  });
}

async function look(page, screen, info) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, `${screen} is wider than the window`).toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  const grave = violations.filter((v) => ["serious", "critical"].includes(v.impact));
  const said = grave.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", ")}`);
  expect(said, screen).toEqual([]);
  await page.screenshot({ path: info.outputPath(`${screen}.png`), fullPage: true });
}
