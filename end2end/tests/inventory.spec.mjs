// Rules about stock, what is on its way, and counts from a file.
import { expect, open, test } from "./baton.mjs";

test.use({ provoked: /status of (409|422)/ });

test("safety stock is kept back by rule, and what does not fit is said at its field", async ({ owner: page, api }) => {
  await open(page, "/inventory");
  await page.getByRole("link", { name: "Safety stock" }).click();
  await expect(page.getByText("No rule yet")).toBeVisible();
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByLabel("What rule 1 is about").selectOption("sku");
  await page.getByLabel("SKU of rule 1").fill("no-such-sku");
  await page.getByLabel("Where rule 1 holds").selectOption("store");
  await page.getByLabel("Units of rule 1").fill("2");
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("alert").first()).toContainText("unknown SKU 'no-such-sku'", { ignoreCase: true });
  await expect(page.getByLabel("SKU of rule 1")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("SKU of rule 1").fill("995242");
  await page.keyboard.press("Control+s");
  await expect(page.locator(".toast")).toContainText(/Rules saved, [\d,]+ stock rows? changed/);
  expect(await api.get("stock/rules")).toEqual([{ sku: "995242", category: null, node: null, node_kind: "store", units: 2 }]);
  await page.getByRole("button", { name: "Remove rule 1" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect.poll(async () => (await api.get("stock/rules")).length).toBe(0);
});

test("a channel gets units of its own", async ({ owner: page, api }) => {
  await open(page, "/inventory/channels");
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByLabel("Channel of rule 1").selectOption("web");
  await page.getByLabel("Where rule 1 holds").selectOption("node");
  await page.getByLabel("Node of rule 1").fill("wh-sdf");
  await page.getByLabel("Amount of rule 1").fill("120");
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("alert").first()).toContainText("0 to 100");
  await page.getByLabel("Amount of rule 1").fill("40");
  await page.getByLabel(/takes what is common, rule 1/).check();
  await page.keyboard.press("Control+s");
  await expect(page.locator(".toast")).toContainText("Rules saved");
  const [rule] = await api.get("stock/allocations");
  expect(rule).toMatchObject({ channel: "web", node: "wh-sdf", share: 40, units: null, spill_over: true });
  await api.put("stock/allocations", []);
  // The page holds nothing of its own, so it follows.
  await expect(page.getByText("No rule yet")).toBeVisible();
});

test("what is on its way is entered, listed and taken back", async ({ owner: page, api }) => {
  await open(page, "/inventory/incoming");
  await page.getByRole("button", { name: "Add incoming stock" }).click();
  const dialog = page.getByRole("dialog", { name: "Incoming stock" });
  await dialog.getByLabel("Node").fill("wh-sdf");
  await dialog.getByLabel("SKU").fill("995242");
  await dialog.getByRole("button", { name: "Go on" }).click();
  await dialog.getByLabel("Units of delivery 1").fill("40");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("a day and a time are needed", { ignoreCase: true });
  const in_a_week = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  await dialog.getByLabel("Expected, delivery 1").fill(`${in_a_week}T09:30`);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  const row = page.getByRole("row", { name: /995242/ });
  await expect(row).toContainText("40");
  const [stock] = (await api.get("stock?sku=995242&node=wh-sdf")).items;
  // 9:30 in New York, where the reader is.
  expect(new Date(stock.incoming[0].expected_at).toLocaleTimeString("en-US", { timeZone: "America/New_York" })).toBe("9:30:00 AM");
  await row.getByRole("button", { name: /^Change/ }).click();
  await dialog.getByRole("button", { name: "Remove delivery 1" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Nothing is on its way")).toBeVisible();
});

test("a file is looked at first, says every problem, and is counted when none is left", async ({ owner: page, api }) => {
  await open(page, "/inventory/import");
  const [before] = (await api.get("stock?sku=995242&node=wh-sdf")).items;
  const rows = "node,sku,on_hand\nwh-sdf,995242,77\nnowhere,995242,5\nwh-sdf,nothing,5\nwh-sdf,995242,many\n";
  await page.getByLabel("File", { exact: true }).setInputFiles({ name: "count.csv", mimeType: "text/csv", buffer: Buffer.from(rows) });
  const card = page.getByRole("region", { name: "Count from a CSV file" });
  await expect(card).toContainText(/\d problems in the file: nothing is written/);
  await expect(card.getByRole("row", { name: /Line 3/ })).toContainText("there is no node 'nowhere'");
  await expect(card.getByRole("row", { name: /Line 4/ })).toContainText("there is no product 'nothing'");
  await expect(card.getByRole("row", { name: /Line 5/ }).first()).toBeVisible();
  await expect(card.getByRole("button", { name: /^Count/ })).toHaveCount(0);
  await page.getByLabel("Or paste its rows").fill("node,sku,on_hand\nwh-sdf,995242,77777\n");
  await page.getByRole("button", { name: "Look at it first" }).click();
  await expect(card).toContainText("Nothing is wrong with it");
  expect((await api.get("stock?sku=995242&node=wh-sdf")).items[0].on_hand).toBe(before.on_hand);
  await page.getByRole("button", { name: "Count 1 row" }).click();
  await expect(page.locator(".toast")).toContainText("1 row counted");
  await expect(card).toContainText("Counted. It changed");
  expect((await api.get("stock?sku=995242&node=wh-sdf")).items[0].on_hand).toBe(77777);
});
