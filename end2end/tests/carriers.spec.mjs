import AxeBuilder from "@axe-core/playwright";
import { alive, expect, open, test } from "./baton.mjs";

// What does not fit, or is not there, is answered with these, and browsers log that.
test.use({ provoked: /status of (404|409|422)/ });

test("the keyboard leads to the carriers, and a row to its service", async ({ owner: page }) => {
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await expect(page).toHaveURL(/\/carriers$/);
  const row = page.getByRole("row", { name: /ground/ });
  await expect(row).toContainText("National Parcel");
  await expect(row).toContainText("2 to 8 days");
  await expect(row).toContainText("Mon–Fri");
  await expect(row).toContainText("In use");
  await row.getByRole("link", { name: "ground" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("ground");
  const nodes = page.getByRole("region", { name: "Cut-offs and pickups at nodes" });
  await expect(nodes.getByRole("row", { name: /wh-sdf/ })).toContainText("14:00 and 19:00");
  const transit = page.getByRole("region", { name: "Stated and observed transit" });
  await expect(transit.getByRole("row", { name: /Zone 1/ })).toContainText("Too little data");
  await page.getByRole("link", { name: "Carriers", exact: true }).first().click();
  await expect(page.getByRole("row", { name: /two-day/ })).toBeVisible();
});

test("what a service is reads without the program", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const page = await context.newPage();
  await page.goto("/sign-in?next=%2Fcarriers%2Fground");
  await page.getByLabel("E-mail").fill("demo@baton.example");
  await page.getByLabel("Password").fill("baton-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("ground");
  await expect(page.getByLabel("Each package of zone 1")).toHaveValue("6.90");
  await expect(page.getByRole("region", { name: "Stated and observed transit" })).toContainText("Zone 5");
  await context.close();
});

test("a service is added, changed and kept from being overwritten", async ({ owner: page, api, context }) => {
  const code = `bike-${Date.now()}`;
  await open(page, "/carriers");
  await page.getByRole("button", { name: "Add a service" }).click();
  const dialog = page.getByRole("dialog", { name: "A new service" });
  await dialog.getByLabel("Code").fill("ground");
  await dialog.getByLabel("Carrier").fill("Bike Courier");
  await dialog.getByLabel("Level").fill("same_day");
  await dialog.getByLabel("Up to, km").fill("12");
  await dialog.getByLabel("Transit, days").fill("soon");
  await dialog.getByLabel("Each package").fill("9.90");
  await dialog.getByLabel("Each kg").fill("0");
  await dialog.getByRole("button", { name: "Add the service" }).click();
  await expect(dialog.getByLabel("Transit, days")).toHaveAttribute("aria-invalid", "true");
  await expect(dialog.getByRole("alert")).toContainText("number of days");
  await dialog.getByLabel("Transit, days").fill("0");
  await dialog.getByRole("button", { name: "Add the service" }).click();
  await expect(dialog.getByRole("alert")).toContainText("a service 'ground' already", { ignoreCase: true });
  await dialog.getByLabel("Code").fill(code);
  await dialog.getByRole("button", { name: "Add the service" }).click();
  await expect(page).toHaveURL(new RegExp(`/carriers/${code}$`));
  await expect(page.getByRole("heading", { level: 1 })).toContainText(code);
  // Only one node has it, so that no other journey sends with it.
  await page.getByLabel("All of them").uncheck();
  const node = page.getByLabel(/wh-sdf/);
  await node.check();
  await page.getByRole("button", { name: "Add a zone" }).click();
  await page.getByLabel("Up to, km of zone 2").fill("5");
  await page.getByLabel("Each package of zone 2").fill("12.50");
  await page.getByLabel("Each kg of zone 2").fill("0.355");
  await page.getByLabel("Transit, days of zone 2").fill("1");
  await page.getByRole("group", { name: "Delivers on" }).getByLabel("Sun").uncheck();
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("alert")).toContainText("more than 12");
  await expect(page.getByLabel("Up to, km of zone 2")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Up to, km of zone 2").fill("30");
  await page.keyboard.press("Control+s");
  await expect(page.locator(".toast")).toContainText("Service saved");
  await expect(page.getByRole("button", { name: "Save" })).toHaveCount(0);
  const saved = await api.get(`services/${code}`);
  expect(saved.zones[1]).toEqual({ up_to_km: 30, per_package: 1250, per_kg: 35.5, transit_days: 1 });
  expect(saved.delivers_on).not.toContain("sun");
  expect(saved.nodes).toEqual(["wh-sdf"]);

  // Somebody else changes it while this page holds a change of its own.
  await page.getByLabel("Carrier", { exact: true }).fill("Cargo Bikes");
  await expect(page.getByRole("group", { name: "Changes" })).toContainText("Not saved yet");
  await api.put(`services/${code}`, { ...saved, level: "today" });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("since you opened it");
  await expect(page.getByLabel("Carrier", { exact: true })).toHaveValue("Cargo Bikes");
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page.getByLabel("Carrier", { exact: true })).toHaveValue("Bike Courier");

  // A page that holds nothing follows.
  const second = await context.newPage();
  await open(second, `/carriers/${code}`);
  await api.put(`services/${code}`, { ...saved, carrier: "Trikes", nodes: [] });
  await expect(second.getByLabel("Carrier", { exact: true })).toHaveValue("Trikes");
  await expect(second.getByRole("heading", { level: 1 })).toContainText("At no node");
  await second.close();
});

test("a service is suspended until a time, and used again", async ({ owner: page, api }) => {
  await open(page, "/carriers/two-day");
  await page.getByRole("button", { name: "Suspend until…" }).click();
  const dialog = page.getByRole("dialog", { name: "Suspend the service" });
  await dialog.getByLabel("Until").fill("2020-01-01T10:00");
  await dialog.getByRole("button", { name: "Suspend the service" }).click();
  await expect(dialog.getByRole("alert")).toContainText("a time that is to come");
  const day = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  await dialog.getByLabel("Until").fill(`${day}T10:00`);
  await dialog.getByRole("button", { name: "Suspend the service" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Suspended");
  const { suspended_until } = await api.get("services/two-day");
  expect(new Date(suspended_until).toLocaleTimeString("en-US", { timeZone: "America/New_York" })).toBe("10:00:00 AM");
  await page.getByRole("button", { name: "Use it again" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("In use");
  expect((await api.get("services/two-day")).suspended_until ?? null).toBeNull();
});

test("a service that is not there says so", async ({ page, browser, baseURL }) => {
  const context = await browser.newContext({ baseURL });
  const other = await context.newPage();
  await other.goto("/sign-in?next=%2Fcarriers%2Fballoon");
  await other.getByLabel("E-mail").fill("demo@baton.example");
  await other.getByLabel("Password").fill("baton-demo");
  await other.getByRole("button", { name: "Sign in" }).click();
  await alive(other);
  await expect(other.getByText("Not found").first()).toBeVisible();
  await context.close();
});

test("the dialog for a new service has no serious fault for assistive technology", async ({ owner: page }) => {
  await open(page, "/carriers");
  await page.getByRole("button", { name: "Add a service" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Add the service" }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).not.toBeEmpty();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => v.id)).toEqual([]);
});
