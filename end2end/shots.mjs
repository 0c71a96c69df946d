import { chromium } from "@playwright/test";
const base = process.env.BASE ?? "http://127.0.0.1:3000";
const out = process.env.OUT ?? "/tmp/shots";
const [email, password] = [process.env.EMAIL ?? "ana@example.com", process.env.PASSWORD ?? "a long enough password"];
const only = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
for (const [name, viewport, colorScheme] of [["1440", { width: 1440, height: 900 }, "light"], ["1440-dark", { width: 1440, height: 900 }, "dark"], ["390", { width: 390, height: 844 }, "light"]]) {
  const context = await browser.newContext({ viewport, colorScheme });
  const page = await context.newPage();
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && console.log(name, page.url(), m.type(), m.text().slice(0, 400)));
  page.on("pageerror", (e) => console.log(name, page.url(), "PAGEERROR", String(e).slice(0, 400)));
  await page.goto(base + "/sign-in");
  await page.screenshot({ path: `${out}/${name}-sign-in.png` });
  await page.fill("[name=email]", email);
  await page.fill("[name=password]", password);
  await page.click("button[type=submit]");
  await page.waitForURL(base + "/");
  for (const [label, path] of [["today", "/"], ["orders", "/orders"], ["order", null], ["inventory", "/inventory"], ["ledger", null], ["nodes", "/nodes"], ["node", null]]) {
    if (only.length && !only.includes(label)) continue;
    if (path) await page.goto(base + path);
    else await page.locator("table.list tbody th a").first().click();
    await page.waitForTimeout(1200);
    await page.screenshot({ path: `${out}/${name}-${label}.png`, fullPage: true });
  }
  await context.close();
}
await browser.close();
