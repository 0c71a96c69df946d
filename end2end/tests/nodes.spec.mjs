// When a node works, changed with what the change moves in view.
import { expect, open, test } from "./baton.mjs";

test.use({ provoked: /status of (409|422)/ });

test("a change of the cut-off says what it moves, asks, and is saved", async ({ owner: page, api }) => {
  const nodes = (await api.get("nodes?limit=200")).items;
  const node = nodes.find((node) => node.kind === "third_party") ?? nodes[0];
  const products = (await api.get("products?limit=1")).items;
  await api.put("stock", [{ node: node.code, sku: products[0].sku, on_hand: 500 }]);
  await open(page, `/nodes/${node.code}`);
  await page.getByRole("link", { name: "Calendar and capacity" }).click();
  await expect(page).toHaveURL(new RegExp(`/nodes/${node.code}/calendar$`));
  const coming = page.getByRole("region", { name: "The next 14 working days" });
  await expect(coming.getByRole("row").nth(14)).toBeVisible();
  const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  const names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  // A quarter past opening hours' end of the cut-off is no time.
  await page.getByLabel("Cut-off on Monday").fill("25:00");
  await expect(page.getByRole("alert").first()).toContainText("no time from 00:00 to 24:00");
  await expect(page.getByLabel("Cut-off on Monday")).toHaveAttribute("aria-invalid", "true");
  for (const [n, day] of days.entries()) {
    if (node.week?.[day]) await page.getByLabel(`Cut-off on ${names[n]}`).fill("00:05");
  }
  await expect(coming.getByRole("row").nth(1)).toContainText("00:05");
  await expect(page.getByRole("group", { name: "Changes" })).toContainText("Not saved yet");
  await page.keyboard.press("Control+s");
  const dialog = page.getByRole("dialog", { name: "This moves promises" });
  // Nothing may be open here; then it is saved at once.
  await expect(dialog.or(page.locator(".toast").getByText("Node saved"))).toBeVisible();
  if (await dialog.isVisible()) await dialog.getByRole("button", { name: "Save all the same" }).click();
  await expect(page.locator(".toast")).toContainText("Node saved");
  const changed = await api.get(`nodes/${node.code}`);
  expect(Object.values(changed.week).every((hours) => hours.cutoff === "00:05")).toBe(true);
  await api.put(`nodes/${node.code}`, node);
});

test("orders that would leave at another time are counted and asked about", async ({ owner: page, api }) => {
  const before = await api.get("nodes/wh-sdf");
  const order = await api.post("orders", {
    channel: "web",
    external_id: `calendar-${Date.now()}`,
    placed_at: new Date().toISOString(),
    currency: "USD",
    customer: { name: "Robin Reed", email: "robin@example.com" },
    ship_to: { name: "Robin Reed", line1: "1 Main Street", city: "Nashville", region: "TN", postal_code: "37203", country: "US" },
    lines: [{ external_id: "1", sku: "995242", quantity: 1, unit_price: 169 }],
  });
  await expect.poll(async () => (await api.get(`orders/${order.id}`)).status).toMatch(/routed|backordered/);
  await open(page, "/nodes/wh-sdf/calendar");
  const coming = page.getByRole("region", { name: "The next 14 working days" });
  await expect(coming.getByRole("row").nth(1)).toBeVisible();
  await page.getByLabel("Working days to hand over").fill("3");
  await expect(coming.getByRole("heading", { name: "This moves promises" })).toBeVisible();
  await expect(coming).toContainText(/of \d+ open orders? here would leave at another time, later/);
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "This moves promises" });
  await expect(dialog).toContainText("would leave at another time");
  await dialog.getByRole("button", { name: "Keep editing" }).click();
  expect((await api.get("nodes/wh-sdf")).handling_days).toBe(before.handling_days);
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page.getByLabel("Working days to hand over")).toHaveValue(String(before.handling_days));
  await expect(coming.getByRole("heading", { name: "This moves promises" })).toHaveCount(0);
});

test("holidays, days closed, pickups and capacity are entered and kept", async ({ owner: page, api }) => {
  const code = "wh-sdf";
  const before = await api.get(`nodes/${code}`);
  await open(page, `/nodes/${code}/calendar`);
  const coming = page.getByRole("region", { name: "The next 14 working days" });
  await expect(coming.getByRole("row").nth(1)).toBeVisible();
  const closed = new Date(Date.now() + 6 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("A date to add").fill(closed);
  await page.getByRole("button", { name: "Add the date" }).click();
  await page.getByLabel("Units a day").fill("4321");
  await page.getByRole("button", { name: "Add a pickup" }).click();
  const row = page.getByRole("region", { name: "When carriers collect" }).getByRole("row").last();
  await row.getByRole("combobox").selectOption("regional");
  await row.getByRole("textbox").fill("09:15");
  // Its days are in the row that is there already.
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("alert").first()).toContainText("this day is in two rows", { ignoreCase: true });
  await row.getByRole("button", { name: /^Remove pickup/ }).click();
  await page.getByLabel("Veterans Day Nov").or(page.getByLabel(/^Veterans Day /)).first().uncheck();
  await page.keyboard.press("Control+s");
  const dialog = page.getByRole("dialog", { name: "This moves promises" });
  await expect(dialog.or(page.locator(".toast").getByText("Node saved"))).toBeVisible();
  if (await dialog.isVisible()) await dialog.getByRole("button", { name: "Save all the same" }).click();
  await expect(page.locator(".toast")).toContainText("Node saved");
  const saved = await api.get(`nodes/${code}`);
  expect(saved.daily_capacity).toBe(4321);
  expect(saved.closed_on).toEqual([closed]);
  expect(saved.holidays.works_on).not.toContain("Veterans Day");
  expect(saved.pickups).toEqual(before.pickups);
  expect(saved.cutoffs).toEqual(before.cutoffs);
  await api.put(`nodes/${code}`, before);
});
