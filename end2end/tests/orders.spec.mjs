// What one does in the list of orders without leaving it.
import { readFile } from "node:fs/promises";
import { expect, open, placeOrder, routed, test } from "./baton.mjs";

const row = (page, order) => page.getByRole("row", { name: new RegExp(`#${order.number}`) });
const heads = (page) => page.locator("table.orders thead th").allInnerTexts()
  .then((texts) => texts.map((text) => text.trim()).filter((text) => text && text !== "Peek"));

test("an order is peeked at beside the list, with the keyboard", async ({ owner: page, api }) => {
  const older = await placeOrder(api).then((order) => routed(api, order));
  const newer = await placeOrder(api, 2).then((order) => routed(api, order));
  await open(page, "/orders");
  await page.keyboard.press("j");
  await page.keyboard.press("Space");
  const peek = page.getByRole("complementary", { name: "Peek" });
  await expect(peek.getByRole("heading", { level: 2 })).toContainText(`#${newer.number}`);
  await expect(peek.getByRole("region", { name: "Why here?" })).toContainText(/\w+/);
  await expect(peek.getByRole("region", { name: "Shipments and plan" })).toContainText("2 ×");
  await expect(page).toHaveURL(new RegExp(`peek=${newer.id}`));
  // The list keeps the focus, and the peek follows.
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: `#${older.number}`, exact: true }).first()).toBeFocused();
  await expect(peek.getByRole("heading", { level: 2 })).toContainText(`#${older.number}`);
  await page.keyboard.press("h");
  await expect(peek.getByRole("heading", { level: 2 })).toContainText("On hold");
  await page.keyboard.press("Control+z");
  await expect(peek.getByRole("heading", { level: 2 })).toContainText("Routed");
  await page.keyboard.press("Escape");
  await expect(peek).toBeHidden();
  await expect(page).toHaveURL(/\/orders$/);
  await expect(page.getByRole("link", { name: `#${older.number}`, exact: true })).toBeFocused();
});

test("a peek has an address, opens with the mouse and closes with Back", async ({ owner: page, api }) => {
  const order = await placeOrder(api).then((order) => routed(api, order));
  await open(page, "/orders");
  await page.getByRole("link", { name: `Peek at order ${order.number}` }).click();
  const peek = page.getByRole("complementary", { name: "Peek" });
  await expect(peek.getByRole("heading", { level: 2 })).toContainText(`#${order.number}`);
  await page.reload();
  await expect(peek.getByRole("heading", { level: 2 })).toContainText(`#${order.number}`);
  await page.goBack();
  await expect(peek).toBeHidden();
  await page.goForward();
  await peek.getByRole("link", { name: "Open the order" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`Order #${order.number}`);
});

test("a list is saved as a view, changed, renamed, deleted and had back", async ({ owner: page, api }) => {
  await placeOrder(api).then((order) => routed(api, order));
  const name = `Web ${Date.now()}`;
  const tab = (name) => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name });
  await open(page, "/orders");
  await page.getByRole("combobox", { name: "Channel" }).selectOption("web");
  await page.getByRole("button", { name: "Save view…" }).click();
  const dialog = page.getByRole("dialog", { name: "Name the view" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Save view" }).click();
  await expect(tab(name)).toHaveAttribute("aria-current", "page");

  // It is on the server, and opens with what it keeps.
  await open(page, "/");
  await open(page, "/orders");
  await tab(name).click();
  await expect(page).toHaveURL(/channel=web/);
  await expect(page.getByRole("combobox", { name: "Channel" })).toHaveValue("web");

  await page.getByRole("combobox", { name: "Order" }).selectOption("oldest");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.locator(".toast")).toContainText("View saved");
  await expect(page.getByRole("button", { name: "Save changes" })).toBeHidden();

  await page.getByText("View", { exact: true }).click();
  await page.getByRole("button", { name: "Rename…" }).click();
  await dialog.getByLabel("Name").fill(`${name} oldest`);
  await dialog.getByRole("button", { name: "Save view" }).click();
  await expect(tab(`${name} oldest`)).toHaveAttribute("aria-current", "page");

  await page.getByText("View", { exact: true }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(tab(`${name} oldest`)).toHaveCount(0);
  await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
  await expect(tab(`${name} oldest`)).toHaveAttribute("aria-current", "page");
  await expect(page).toHaveURL(/sort=oldest/);
});

test("columns are chosen and moved, and stay chosen", async ({ owner: page, api }) => {
  await placeOrder(api).then((order) => routed(api, order));
  await open(page, "/orders");
  await page.getByText("Columns", { exact: true }).click();
  await page.getByRole("button", { name: "The usual columns" }).click();
  await expect.poll(() => heads(page)).toEqual(["Order", "Placed", "Customer", "Units", "Total", "State", "Nodes", "Note", "Updated"]);
  await page.getByLabel("Nodes", { exact: true }).uncheck();
  await page.getByLabel("Lines", { exact: true }).check();
  const up = page.getByRole("button", { name: "Move Total up" });
  await up.click();
  await expect(up).toBeFocused();
  const chosen = ["Order", "Placed", "Customer", "Total", "Units", "State", "Note", "Updated", "Lines"];
  await expect.poll(() => heads(page)).toEqual(chosen);
  await page.keyboard.press("Escape");
  await expect(page.getByLabel("Lines", { exact: true })).toBeHidden();
  // In the address for a colleague, and on the server for the next time.
  await expect(page).toHaveURL(/cols=placed,customer,total/);
  await open(page, "/orders");
  expect(await heads(page)).toEqual(chosen);
  await page.getByText("Columns", { exact: true }).click();
  await page.getByRole("button", { name: "The usual columns" }).click();
  await expect.poll(() => heads(page)).toContain("Nodes");
});

test("the whole list is exported with the columns that are shown", async ({ owner: page, api }) => {
  const orders = [];
  for (let i = 0; i < 3; i += 1) orders.push(await placeOrder(api, i + 1).then((order) => routed(api, order)));
  await open(page, "/orders?q=Robin+Reed&cols=total,state");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export" }).click();
  const file = await download;
  // Playwright knows the link's name for the file; the server's own is in the answer.
  const named = await page.evaluate((url) => fetch(url).then((answer) => answer.headers.get("content-disposition")), file.url());
  expect(named).toMatch(/^attachment; filename="orders-\d{4}-\d\d-\d\d\.csv"$/);
  const [head, ...lines] = (await readFile(await file.path(), "utf8")).trim().split("\r\n");
  expect(head).toBe("id,number,channel,external_id,total,currency,state");
  const total = Number((await page.getByRole("status").filter({ hasText: " of " }).innerText()).match(/of ([\d,]+)/)[1].replace(",", ""));
  expect(lines).toHaveLength(total);
  const { id, number, external_id: external } = orders[2];
  expect(lines[0]).toBe(`${id},${number},web,${external},5.07,USD,routed`);
});

test("holding and releasing one order offers the way back where it was done", async ({ owner: page, api }) => {
  const order = await placeOrder(api).then((order) => routed(api, order));
  await open(page, `/orders/${order.id}`);
  await page.getByLabel("Reason for holding the order").fill("Customer called");
  await page.getByRole("button", { name: "Hold" }).click();
  await expect(page.locator(".toast")).toContainText("Order held");
  await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Routed");
  await page.getByRole("button", { name: "Hold" }).click();
  await page.getByRole("button", { name: "Release" }).click();
  await expect(page.locator(".toast").filter({ hasText: "Order released" })).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("On hold");
  // What cannot be taken back does not say that it could.
  await page.getByRole("button", { name: "Release" }).click();
  await routed(api, order);
  await page.getByRole("button", { name: "Re-route" }).click();
  const toast = page.locator(".toast").filter({ hasText: "sent to the router" });
  await expect(toast).toBeVisible();
  await expect(toast.getByRole("button", { name: "Undo" })).toHaveCount(0);
});

test("every key is on the sheet, and single keys can be switched off for good", async ({ owner: page, api }) => {
  await placeOrder(api).then((order) => routed(api, order));
  await open(page, "/orders");
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  for (const what of ["Peek at the order", "Select the order", "Orders", "Open the palette"]) await expect(sheet).toContainText(what);
  const all = page.getByRole("checkbox", { name: /Single keys do something/ });
  await all.uncheck();
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await page.keyboard.press("j");
  await page.keyboard.press("Space");
  await page.keyboard.press("?");
  await page.waitForTimeout(200);
  await expect(page.locator("tr.at, .peek, dialog[open]")).toHaveCount(0);
  // Keys with Ctrl still do, and what single keys did has a button.
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: /^Search/ })).toBeFocused();
  await page.keyboard.press("Escape");
  // It is kept with the person, not in this browser.
  await page.evaluate(() => localStorage.clear());
  await open(page, "/orders");
  await page.keyboard.press("j");
  await page.waitForTimeout(200);
  await expect(page.locator("tr.at")).toHaveCount(0);
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await all.check();
  await sheet.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("j");
  await expect(page.locator("tr.at")).toHaveCount(1);
});
