// What the journeys share: a signed-in page that fails on console errors, and the API as a shop uses it.
import { test as base, expect } from "@playwright/test";

export { expect };
export const SECRET = "sk_demo_baton";

export const test = base.extend({
  /** Messages that a test provokes: the address of an order that is not there answers 404, and browsers log that. */
  provoked: [/^$/, { option: true }],
  /** A page whose console has to stay clean. */
  page: async ({ page, provoked }, use) => {
    const errors = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    await use(page);
    expect(errors.filter((text) => !provoked.test(text)), "console errors").toEqual([]);
  },
  /** The same, signed in as the owner. */
  owner: async ({ page }, use) => {
    await signIn(page);
    await use(page);
  },
  /** Calls of the API with the demonstration's key. */
  api: async ({ request }, use) => {
    const headers = { Authorization: `Bearer ${SECRET}` };
    const check = async (response) => {
      const body = await response.json();
      expect(response.ok(), JSON.stringify(body)).toBeTruthy();
      return body;
    };
    await use({
      get: async (path) => check(await request.get(`/api/v1/${path}`, { headers })),
      put: async (path, data) => check(await request.put(`/api/v1/${path}`, { headers, data })),
      post: async (path, data) => check(await request.post(`/api/v1/${path}`, { headers, data })),
    });
  },
});

export async function signIn(page, next = "/") {
  await page.goto(next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByLabel("E-mail").fill("demo@baton.example");
  await page.getByLabel("Password").fill("baton-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await alive(page);
}

/** Waits until the program runs and the stream is open. */
export async function alive(page) {
  await expect(page.locator(".live-button")).toHaveText("Live");
}

/** Goes to a screen by its address and waits until it is alive. */
export async function open(page, path) {
  await page.goto(path);
  await alive(page);
}

let orders = 0;
/** Places an order for `quantity` of a SKU that the Louisville warehouse is given plenty of. */
export async function placeOrder(api, quantity = 1) {
  const sku = "995242";
  await api.put("stock", [{ node: "wh-sdf", sku, on_hand: 100_000 }]);
  orders += 1;
  return api.post("orders", {
    channel: "web",
    external_id: `e2e-${Date.now()}-${orders}`,
    placed_at: new Date().toISOString(),
    currency: "USD",
    customer: { name: "Robin Reed", email: "robin@example.com" },
    ship_to: { name: "Robin Reed", line1: "1 Main Street", city: "Nashville", region: "TN", postal_code: "37203", country: "US" },
    lines: [{ external_id: "1", sku, quantity, unit_price: 169 }],
  });
}

/** The order once the router has decided. */
export async function routed(api, order) {
  await expect.poll(async () => (await api.get(`orders/${order.id}`)).status).toBe("routed");
  return api.get(`orders/${order.id}`);
}
