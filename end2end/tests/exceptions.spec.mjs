// Trouble: an order moves before one's eyes, and the inbox is emptied without a mouse.
import { expect, open, placeOrder, routed, test } from "./baton.mjs";

/** An order for something that only this store has, which then closes: nobody can repair that. */
async function stranded(api, n) {
  const sku = `E2E-ONLY-${n}-${Date.now()}`;
  await api.put(`products/${sku}`, { name: `Only one store has it ${n}`, weight_g: 300 });
  const node = `e2e-${n}-${Date.now()}`;
  const address = { line1: "1 Main Street", city: "Nashville", region: "TN", postal_code: "37203", country: "US" };
  await api.put(`nodes/${node}`, { name: `Stall ${n}`, kind: "store", address });
  await api.put("stock", [{ node, sku, on_hand: 5 }]);
  const order = await api.post("orders", {
    channel: "web",
    external_id: `${sku}-order`,
    placed_at: new Date().toISOString(),
    currency: "USD",
    customer: { name: "Robin Reed", email: "robin@example.com" },
    ship_to: { name: "Robin Reed", ...address },
    lines: [{ external_id: "1", sku, quantity: 1, unit_price: 2500 }],
  });
  await routed(api, order);
  await api.put(`nodes/${node}`, { name: `Stall ${n}`, kind: "store", address, status: "paused" });
  await expect.poll(async () => (await api.get(`exceptions?order=${order.id}`)).items.length).toBe(1);
  return { order, node, sku };
}

test("a store rejects, and the order moves before one's eyes", async ({ owner: page, api }) => {
  const order = await routed(api, await placeOrder(api, 1));
  await api.put("stock", [{ node: "wh-dfw", sku: "995242", on_hand: 50 }]);
  const [{ id, node }] = order.fulfillments;
  await open(page, `/orders/${order.id}`);
  await expect(page.getByText("Rejected by the node").first()).toHaveCount(0);
  await api.post(`fulfillments/${id}/reject`, { reason: "too much to do", cause: "busy" });
  await expect.poll(async () => (await api.get(`orders/${order.id}`)).status).toBe("routed");
  const moved = (await api.get(`orders/${order.id}`)).fulfillments.find((f) => f.status === "assigned");
  expect(moved.node).not.toBe(node);
  await expect(page.locator(`a[href="/nodes/${moved.node}"]`).first()).toBeVisible();
  // Nobody had to do anything, and that is told too.
  await open(page, "/exceptions?state=automatic");
  await expect(page.getByText(`rejected order #${order.number}`).first()).toBeVisible();
  await expect(page.getByText(/^Now from /).first()).toBeVisible();
});

test("a manager empties the inbox by keyboard", async ({ owner: page, api }) => {
  const one = await stranded(api, 1);
  const two = await stranded(api, 2);
  await open(page, "/");
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await expect(page.getByRole("heading", { name: "Exceptions" })).toBeVisible();
  await expect(page.getByText(`Order #${one.order.number}`).first()).toBeVisible();
  const before = await page.getByRole("rowheader").count();
  expect(before).toBeGreaterThanOrEqual(2);
  // The first one is put off.
  await page.keyboard.press("j");
  await page.keyboard.press("z");
  await expect(page.getByText("1 exception snoozed")).toBeVisible();
  await expect(page.getByRole("rowheader")).toHaveCount(before - 1);
  // The next one is opened and taken over, and its only fix asks before it cancels.
  await page.keyboard.press("j");
  await page.keyboard.press("o");
  const detail = page.getByRole("complementary", { name: "Exception" });
  await expect(detail.getByRole("button", { name: /^Cancel order/ })).toBeVisible();
  await page.keyboard.press("a");
  await expect(detail.getByRole("button", { name: "Give back" })).toBeVisible();
  // The others end with a reason.
  let left = before - 1;
  while (left > 0) {
    await page.keyboard.press("e");
    await page.getByLabel("Reason (for the timeline)").fill("Spoke with the customer");
    await page.keyboard.press("Enter");
    left -= 1;
    await expect(page.getByRole("rowheader")).toHaveCount(left);
    await page.keyboard.press("Escape");
    if (left > 0) {
      await page.keyboard.press("k");
      await page.keyboard.press("o");
      await expect(detail).toBeVisible();
    }
  }
  await expect(page.getByRole("heading", { name: "Inbox clear" })).toBeVisible();
  expect((await api.get(`exceptions?order=${two.order.id}`)).items).toEqual([]);
});
