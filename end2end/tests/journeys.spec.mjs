import { alive, expect, open, placeOrder, routed, signIn, test } from "./baton.mjs";

test("signing in leads to the page that was asked for, and a wrong password says so", async ({ page }) => {
  await page.goto("/orders?view=waiting");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel("E-mail").fill("demo@baton.example");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("password");
  await signIn(page, "/orders?view=waiting");
  await expect(page).toHaveURL(/\/orders\?view=waiting/);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
});

test("an order arrives, is routed and says why, without a reload", async ({ owner: page, api }) => {
  await placeOrder(api).then((order) => routed(api, order));
  await open(page, "/orders");
  await page.evaluate(() => { window.untouched = true; });
  const order = await placeOrder(api, 2);
  await page.getByRole("button", { name: /1 new order · Show/ }).click();
  const row = page.getByRole("row", { name: new RegExp(`#${order.number}`) });
  await expect(row).toContainText("Routed");
  await row.getByRole("link", { name: `#${order.number}` }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`Order #${order.number}`);
  const why = page.getByRole("region", { name: "Why here?" });
  await expect(why).toContainText("proved to be the cheapest");
  await expect(why.getByRole("row", { name: /Chosen/ })).toHaveCount(1);
  await expect(why.getByRole("row", { name: /Excluded|Feasible/ }).first()).toBeVisible();
  expect(await page.evaluate(() => window.untouched)).toBe(true);
});

test("holding and releasing shows in a second tab at once", async ({ owner: page, api, context }) => {
  const order = await placeOrder(api).then((order) => routed(api, order));
  const second = await context.newPage();
  await open(second, "/orders");
  const row = second.getByRole("row", { name: new RegExp(`#${order.number}`) });
  await expect(row).toContainText("Routed");
  await open(page, `/orders/${order.id}`);
  await page.getByLabel("Reason for holding the order").fill("Customer called");
  await page.getByRole("button", { name: "Hold" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("On hold");
  await expect(page.getByText("Held: Customer called", { exact: true })).toBeVisible();
  await expect(row).toContainText("On hold");
  await page.getByRole("button", { name: "Release" }).click();
  await expect(row).toContainText("Routed");
  const timeline = page.getByRole("region", { name: "Timeline" });
  await expect(timeline).toContainText("Dana Demo");
});

test("many orders are held at once and the way back is offered", async ({ owner: page, api }) => {
  const orders = [];
  for (let i = 0; i < 3; i += 1) orders.push(await placeOrder(api).then((order) => routed(api, order)));
  await open(page, "/orders");
  for (const order of orders) await page.getByLabel(`Select order ${order.number}`).check();
  await page.getByRole("toolbar").getByRole("button", { name: "Hold" }).click();
  await expect(page.locator(".toast")).toContainText("3 orders held");
  for (const order of orders) {
    await expect(page.getByRole("row", { name: new RegExp(`#${order.number}`) })).toContainText("On hold");
  }
  await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
  for (const order of orders) await routed(api, order);
});

test("an action on many orders says what it skipped and why, and is taken back later", async ({ owner: page, api }) => {
  const orders = [];
  for (let i = 0; i < 2; i += 1) orders.push(await placeOrder(api).then((order) => routed(api, order)));
  await open(page, "/orders");
  for (const order of orders) await page.getByLabel(`Select order ${order.number}`).check();
  await api.post(`orders/${orders[0].id}/cancel`, {});
  await page.getByRole("toolbar").getByRole("button", { name: "Hold" }).click();
  const result = page.getByRole("region", { name: "Action on many orders" });
  await expect(result).toContainText("1 order held, 1 skipped");
  await expect(result.getByRole("listitem")).toContainText(`#${orders[0].number}`);
  await expect(result.getByRole("listitem")).toContainText("is cancelled: hold is not possible");
  await expect(page.getByRole("toolbar")).toHaveCount(0);
  // It is still said after a look at another screen, and can be taken back there.
  await page.getByRole("link", { name: "Inventory" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Inventory");
  await page.getByRole("link", { name: "Orders" }).click();
  await expect(result).toContainText("1 order held, 1 skipped");
  await result.getByRole("button", { name: "Undo" }).click();
  await expect(result).toContainText("1 order released");
  await routed(api, orders[1]);
  await result.getByRole("button", { name: "Dismiss" }).click();
  await expect(result).toHaveCount(0);
});

test("all orders that match are held at once", async ({ owner: page, api }) => {
  const orders = [];
  for (let i = 0; i < 3; i += 1) orders.push(await placeOrder(api).then((order) => routed(api, order)));
  await open(page, "/orders?status=routed");
  await page.getByLabel(`Select order ${orders[0].number}`).check();
  await page.getByRole("button", { name: /^Select all [\d,]+ that match$/ }).click();
  const all = Number((await page.getByRole("toolbar").locator("strong").innerText()).replace(/\D/g, ""));
  await page.getByRole("toolbar").getByRole("button", { name: "Hold" }).click();
  const result = page.getByRole("region", { name: "Action on many orders" });
  await expect(result).toContainText(`${all} orders held`);
  // The list is asked for again: none of them belongs here any more.
  await expect(page.getByText("No orders match")).toBeVisible();
  for (const order of orders) expect((await api.get(`orders/${order.id}`)).status).toBe("on_hold");
  for (const order of orders) await api.post(`orders/${order.id}/release`, {});
});

test("an order is cancelled after a question with numbers", async ({ owner: page, api }) => {
  const order = await placeOrder(api, 4).then((order) => routed(api, order));
  await open(page, `/orders/${order.id}`);
  await page.getByRole("button", { name: "Cancel order…" }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel the order" });
  await expect(dialog).toContainText("4 units");
  await dialog.getByRole("button", { name: "Keep the order" }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "Cancel order…" }).click();
  await dialog.getByRole("button", { name: "Cancel the order" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Cancelled");
  expect((await api.get(`orders/${order.id}`)).status).toBe("cancelled");
});

test("stock is adjusted with a reason and the ledger keeps it", async ({ owner: page, api }) => {
  const [before] = (await api.get("stock?sku=995242&node=wh-sdf")).items;
  await open(page, "/inventory?q=995242&node=wh-sdf");
  await page.getByRole("button", { name: "Adjust 995242 at wh-sdf" }).click();
  const dialog = page.getByRole("dialog", { name: "Adjust stock" });
  await dialog.getByLabel("Change").fill("-3");
  await dialog.getByLabel("Reason").selectOption("damaged");
  await expect(dialog).toContainText("→");
  await dialog.getByRole("button", { name: "Adjust stock" }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(async () => (await api.get("stock?sku=995242&node=wh-sdf")).items[0].on_hand).toBe(before.on_hand - 3);
  await page.getByRole("row", { name: /995242/ }).getByRole("link").first().click();
  const ledger = page.getByRole("region", { name: "Ledger" });
  await expect(ledger.getByRole("row", { name: /damaged/ }).first()).toContainText("−3");
});

test("the keyboard alone goes through the queue", async ({ owner: page, api }) => {
  const order = await placeOrder(api).then((order) => routed(api, order));
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await expect(page).toHaveURL(/\/orders$/);
  await expect(page.getByRole("row", { name: new RegExp(`#${order.number}`) })).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: `#${order.number}` })).toBeFocused();
  await page.keyboard.press("x");
  await expect(page.getByRole("toolbar")).toContainText("1 selected");
  await page.keyboard.press("o");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`Order #${order.number}`);
  await page.keyboard.press("h");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("On hold");
  await page.keyboard.press("Control+z");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Routed");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toContainText("Hold or release");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("nodes");
  await expect(page.getByRole("option", { name: /Go to Nodes/ })).toBeVisible();
  while ((await page.getByRole("option", { selected: true }).textContent()).startsWith("Go to Nodes") === false) {
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/nodes$/);
});

test("a node is paused and takes part again", async ({ owner: page, api }) => {
  await open(page, "/nodes/st-60");
  await page.getByRole("button", { name: "Pause the node…" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause the node" });
  await expect(dialog).toContainText(/\d+ open orders? with \d+ units? stay with it/);
  await dialog.getByRole("button", { name: "Keep it running" }).click();
  await page.getByRole("button", { name: "Pause the node…" }).click();
  await dialog.getByRole("button", { name: "Pause the node", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Paused");
  expect((await api.get("nodes/st-60")).status).toBe("paused");
  await page.getByRole("button", { name: "Let it take part again" }).click();
  await expect(page.getByRole("button", { name: "Pause the node…" })).toBeVisible();
});

test("the live indicator pauses and goes on where it was", async ({ owner: page, api }) => {
  await open(page, "/orders");
  await page.locator(".live-button").click();
  await expect(page.locator(".live-button")).toHaveText("Paused");
  const order = await placeOrder(api).then((order) => routed(api, order));
  await expect(page.locator(".pill")).toHaveCount(0);
  await page.locator(".live-button").click();
  await alive(page);
  await page.locator(".pill").click();
  await expect(page.getByRole("row", { name: new RegExp(`#${order.number}`) })).toBeVisible();
});

test.describe("without the program", () => {
  test.use({ javaScriptEnabled: false });

  test("pages read well and forms work", async ({ page, api }) => {
    const order = await placeOrder(api).then((order) => routed(api, order));
    await page.goto(`/sign-in?next=/orders/${order.id}`);
    await page.getByLabel("E-mail").fill("demo@baton.example");
    await page.getByLabel("Password").fill("baton-demo");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText(`Order #${order.number}`);
    await page.getByRole("button", { name: "Hold" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("On hold");
    await page.goto("/orders?q=Robin+Reed");
    await expect(page.getByRole("row", { name: new RegExp(`#${order.number}`) })).toContainText("On hold");
  });
});
